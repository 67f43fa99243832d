/** Prices from paged tables, against a server on this machine that is slow, broken, evasive or Japanese. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { pricesFromPages } from "../../tutorials/nikkei-gru/price-pages.ts";
import { PageError, priceRows } from "../../tutorials/nikkei-gru/price-table.ts";
import { quickRun } from "./quick-run.ts";

const HEADER = "<tr><th>日付</th><th>始値</th><th>高値</th><th>安値</th><th>終値</th></tr>";
const tableOf = (rows: string, header = HEADER) =>
  `<html><body><h1>日経平均</h1><table>${header}${rows}</table></body></html>`;
const withCommas = (value: number) =>
  value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const rowOf = (date: string, close: number) =>
  `<tr><td>${date}</td>${[close - 5, close + 20, close - 30, close].map((price) => `<td>${withCommas(price)}</td>`).join("")}</tr>`;
/** The i-th day before the last, and a close that no other day has. */
const dateOf = (i: number) => {
  const day = new Date(Date.UTC(2017, 11, 29 - i));
  return `${day.getUTCFullYear()}年${day.getUTCMonth() + 1}月${day.getUTCDate()}日`;
};
const closeOf = (i: number) => 22_000 + 300 * Math.sin(i) - i;
const daysOf = (page: number, size: number) =>
  Array.from({ length: size }, (_, k) => rowOf(dateOf((page - 1) * size + k), closeOf((page - 1) * size + k))).join("");

type Answer = (request: IncomingMessage, response: ServerResponse, page: number) => void;
const html = (response: ServerResponse, text: string | Uint8Array, type = "text/html; charset=utf-8", status = 200) =>
  response.writeHead(status, { "content-type": type }).end(text);
const pages =
  (count: number, size = 10): Answer =>
  (_, response, page) =>
    html(response, tableOf(page <= count ? daysOf(page, size) : ""));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server with its address, and the time and User-Agent of every request. */
async function serve(answer: Answer) {
  const requests: { at: number; agent: string; url: string }[] = [];
  const server = createServer((request, response) => {
    const url = request.url!;
    requests.push({ at: performance.now(), agent: request.headers["user-agent"] ?? "", url });
    answer(request, response, Number(/\d+/.exec(url)?.[0]));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/prices/{page}`, requests };
}

const QUICK = { delayMs: 1, timeoutMs: 5000 };

describe("pages of prices", () => {
  it("are read until one has no rows, and put in order, oldest day first", async () => {
    const { address, requests } = await serve(pages(3));
    const lines: string[] = [];
    const { table, csv } = await pricesFromPages(address, { ...QUICK, print: (line) => lines.push(line) });
    expect(requests.map(({ url }) => url)).toEqual([1, 2, 3, 4].map((page) => `/prices/${page}`));
    expect(table.rowCount).toBe(30);
    expect([table.index.labels[0], table.index.labels[29]]).toEqual(["2017年11月30日", "2017年12月29日"]);
    const close = table.column("終値").values;
    for (let i = 0; i < 30; i++) expect(close[29 - i]).toBeCloseTo(closeOf(i), 2);
    expect(table.column("高値").values[0]).toBeCloseTo(close[0] + 20, 2);
    expect(csv.split("\n")[0]).toBe("日付,始値,高値,安値,終値");
    expect(lines[0]).toBe("page 1: 10 days, 2017年12月20日 … 2017年12月29日");
  });

  it("are asked for one at a time, after a pause, under a name", async () => {
    const { address, requests } = await serve(pages(2));
    await pricesFromPages(address, { ...QUICK, delayMs: 60 });
    for (const { agent } of requests) expect(agent).toMatch(/^refrain-tutorial \(/);
    // A timer may fire a millisecond early.
    for (const [i, { at }] of requests.slice(1).entries()) expect(at - requests[i].at).toBeGreaterThan(58);
  });

  it("are numbered in the query where the address has no place for the number", async () => {
    const { address, requests } = await serve((request, response) =>
      html(response, tableOf(/page=1\b/.test(request.url!) ? daysOf(1, 5) : "")),
    );
    await pricesFromPages(`${address.replace("/{page}", "")}?code=998407`, QUICK);
    expect(requests.map(({ url }) => url)).toEqual(["/prices?code=998407&page=1", "/prices?code=998407&page=2"]);
  });

  it("end where a site shows its last page again", async () => {
    const { address, requests } = await serve((_, response, page) =>
      html(response, tableOf(daysOf(Math.min(page, 2), 5))),
    );
    expect((await pricesFromPages(address, QUICK)).table.rowCount).toBe(10);
    expect(requests).toHaveLength(3);
  });

  it("count a day once that slipped onto the next page meanwhile", async () => {
    const { address } = await serve((_, response, page) =>
      html(
        response,
        tableOf(page === 1 ? daysOf(1, 5) : page === 2 ? rowOf(dateOf(4), closeOf(4)) + daysOf(2, 5) : ""),
      ),
    );
    expect((await pricesFromPages(address, QUICK)).table.rowCount).toBe(10);
  });

  it("in Shift-JIS are read by the charset of the header, and by that of the page", async () => {
    // 日付 始値 高値 安値 終値 and 年 月 日 in Shift-JIS; all else here is ASCII.
    const BYTES: Record<string, number[]> = {
      日: [0x93, 0xfa],
      付: [0x95, 0x74],
      始: [0x8e, 0x6e],
      値: [0x92, 0x6c],
      高: [0x8d, 0x82],
      安: [0x88, 0xc0],
      終: [0x8f, 0x49],
      年: [0x94, 0x4e],
      月: [0x8c, 0x8e],
      経: [0x8c, 0x6f],
      平: [0x95, 0xbd],
      均: [0x8b, 0xcf],
    };
    const encoded = (text: string) => Uint8Array.from([...text].flatMap((c) => BYTES[c] ?? [c.charCodeAt(0)]));
    const meta = '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">';
    for (const [type, head] of [
      ["text/html; charset=shift_jis", ""],
      ["text/html", meta],
    ]) {
      const { address } = await serve((_, response, page) =>
        html(response, encoded(head + tableOf(page === 1 ? daysOf(1, 4) : "")), type),
      );
      const { table } = await pricesFromPages(address, QUICK);
      expect(table.index.labels[3], type).toBe("2017年12月29日");
      expect(table.column("終値").values[3]).toBeCloseTo(closeOf(0), 2);
    }
  });

  it("with missing values keep the gaps, and leave out days without a close", async () => {
    const rows = `${daysOf(1, 3)}<tr><td>2017年12月1日</td><td>-</td><td>22,100.00</td><td></td><td>22,050.50</td></tr>
      <tr><td>2017年11月30日</td><td>---</td><td>---</td><td>---</td><td>---</td></tr>`;
    const { address } = await serve((_, response, page) => html(response, tableOf(page === 1 ? rows : "")));
    const lines: string[] = [];
    const { table } = await pricesFromPages(address, { ...QUICK, print: (line) => lines.push(line) });
    expect(table.rowCount).toBe(4);
    expect(table.column("始値").missing[0]).toBe(1);
    expect(table.column("終値").values[0]).toBe(22_050.5);
    expect(lines).toContain("1 days without a close were left out");
  });
});

describe("a site in trouble", () => {
  it("is asked again after 500, with ever longer pauses, and gives its pages in the end", async () => {
    let faults = 2;
    const { address, requests } = await serve((request, response, page) =>
      page === 2 && faults-- > 0 ? html(response, "oops", "text/plain", 500) : pages(2)(request, response, page),
    );
    const lines: string[] = [];
    const { table } = await pricesFromPages(address, { ...QUICK, delayMs: 40, print: (line) => lines.push(line) });
    expect(table.rowCount).toBe(20);
    const seconds = requests.filter(({ url }) => url.endsWith("/2")).map(({ at }) => at);
    expect(seconds).toHaveLength(3);
    expect(seconds[1] - seconds[0]).toBeGreaterThan(38);
    expect(seconds[2] - seconds[1]).toBeGreaterThan(78);
    expect(lines.filter((line) => /answers 500; asking again in 0\.0[48] s/.test(line))).toHaveLength(2);
  });

  it("is left as long as it asks for", async () => {
    let first = true;
    const { address, requests } = await serve((request, response, page) => {
      if (first) response.writeHead(429, { "retry-after": "1" }).end();
      else pages(1)(request, response, page);
      first = false;
    });
    await pricesFromPages(address, QUICK);
    expect(requests[1].at - requests[0].at).toBeGreaterThan(990);
  });

  it.each([
    [
      "answers 503 for ever",
      (_, response) => html(response, "", "text/html", 503),
      /answers 503, also when asked again 2 times; try later/,
      3,
    ],
    ["hangs", () => {}, /did not answer within 0\.1 s, also when asked again 2 times/, 3],
    [
      "hangs in the middle of a page",
      (_, response) => void response.writeHead(200).write("<table>"),
      /did not answer within 0\.1 s/,
      3,
    ],
    ["hangs up", (request) => void request.socket.destroy(), /cannot be reached \(.+\), also when asked again/, 3],
    [
      "does not know the page",
      (_, response) => html(response, "", "text/html", 404),
      /answers 404; open it in a browser/,
      1,
    ],
    [
      "sends round in a circle",
      (request, response) => void response.writeHead(302, { location: request.url! }).end(),
      /sends from page to page more than 5 times/,
      6,
    ],
    [
      "sends to a file of this machine",
      (_, response) => void response.writeHead(302, { location: "file:///etc/hosts" }).end(),
      /which is no page/,
      1,
    ],
    [
      "gives a PDF",
      (_, response) => html(response, "%PDF", "application/pdf"),
      /is application\/pdf, not a page of HTML/,
      1,
    ],
    [
      "names an encoding that is none",
      (_, response) => html(response, "x", "text/html; charset=klingon"),
      /its encoding is "klingon"/,
      1,
    ],
    ["gives a page without end", (_, response) => html(response, " ".repeat(9e6)), /is larger than 8 MB/, 1],
    ["has no table", (_, response) => html(response, "<p>Sorry</p>"), /page 1 .* has no rows of prices/, 1],
    ["has an empty table", (_, response) => html(response, tableOf("")), /page 1 .* has no rows of prices/, 1],
  ] as readonly (readonly [string, Answer, RegExp, number])[])(
    "that %s is named in one sentence",
    async (_, answer, sentence, asked) => {
      const { address, requests } = await serve(answer);
      const trouble = pricesFromPages(address, {
        delayMs: 1,
        timeoutMs: answer.length > 0 && asked < 3 ? 5000 : 100,
        retries: 2,
      });
      await expect(trouble).rejects.toThrow(sentence);
      await expect(trouble).rejects.toThrow(PageError);
      expect(requests).toHaveLength(asked);
    },
  );

  it("that nobody answers at is no address of prices, nor is a word or a file", async () => {
    await expect(pricesFromPages("http://127.0.0.1:9/{page}", { ...QUICK, retries: 0 })).rejects.toThrow(
      /cannot be reached/,
    );
    await expect(pricesFromPages("prices")).rejects.toThrow(/--from: "prices" is no address/);
    await expect(pricesFromPages("file:///etc/hosts")).rejects.toThrow(/must begin with http/);
    await expect(pricesFromPages("http://me:secret@127.0.0.1/")).rejects.toThrow(/user name or password is not taken/);
  });
});

describe("a table of prices", () => {
  it("is found by its column names, in English too, wherever it stands and however the page is written", () => {
    const page = `<table><tr><td>Menu<table><TR><TH>Date<TH>Open<TH>High<TH>Low<TH>Close<TH>Volume
      <tr><td><a href=x>Dec&nbsp;29, 2017</a><td>1,001<td>1,010.5<td>990<td><b>1,005</b><br><td>77,000
      <tr><td>Dec 28, 2017<td colspan=5>1 share becomes 2</table><script>var x = "<table>";</script></table>`;
    expect(priceRows(page, "here")).toEqual([{ date: "Dec 29, 2017", prices: [1001, 1010.5, 990, 1005] }]);
  });

  it("of five columns without names is taken in the usual order; full-width digits are digits", () => {
    const row = "<tr><td>２０１７／１２／２９</td><td>１，００１</td><td>1,010</td><td>990</td><td>△</td></tr>";
    expect(() => priceRows(`<table>${row}</table>`, "page 1")).toThrow(/form of its table is not understood/);
    expect(priceRows(`<table>${row.replace("△", "－")}</table>`, "page 1")).toEqual([
      { date: "2017/12/29", prices: [1001, 1010, 990, Number.NaN] },
    ]);
  });

  it("in a form that is not understood is an error that says what was expected and what is there", () => {
    const page = "<table><tr><td>Day<td>Price</tr><tr><td>2017-12-29<td>22,764.94</tr></table>";
    expect(() => priceRows(page, "page 3")).toThrow(
      /^page 3: the form of its table is not understood: expected the columns 日付 or date.* got a table that begins with "Day", "Price"$/,
    );
  });

  it("with a word for a price is an error that says where", () => {
    const page = tableOf(rowOf("2017年12月29日", 22_000).replace("22,020.00", "high"));
    expect(() => priceRows(page, "page 2")).toThrow(/^page 2, 2017年12月29日: "high" is no price/);
  });
});

it("the lesson runs on pages, keeps what it read, and has no mark there", async () => {
  const { address } = await serve(pages(1, 120));
  const { metrics, lines, files } = await quickRun("nikkei-gru", [], { from: address });
  expect(metrics.reached).toBeNull();
  expect(metrics.data).toBe(address);
  expect(lines.join("\n")).toMatch(/120 days, 114 windows of 6, 79 for training/);
  expect(lines.join("\n")).toMatch(/changes \d+\.\d, with open, high and low \d+/);
  expect(String(files.get("prices.csv")).split("\n")).toHaveLength(122);
});

it("the lesson refuses pages with too few days", async () => {
  const { address } = await serve(pages(1, 20));
  await expect(quickRun("nikkei-gru", [], { from: address })).rejects.toThrow(/prices of 20 days; the lesson needs 30/);
});
