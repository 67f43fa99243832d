/**
 * Daily prices from a site that gives them in pages, fetched as a guest behaves: one page at a time, with a pause between them,
 * under a name, no page twice, and with ever longer pauses where the site is in trouble.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { readTable, type Table, writeCsv } from "refrain/data";
import { PageError, type PriceRow, priceRows } from "./price-table.ts";

export interface PagesOptions {
  /** Between two requests, and before the first retry; each further retry waits twice as long. Default 1000 */
  readonly delayMs?: number;
  /** Of one request, its answer included. Default 15000 */
  readonly timeoutMs?: number;
  /** How often a page is asked for again after a fault that may pass. Default 3 */
  readonly retries?: number;
  /** Told what is going on. */
  readonly print?: (line: string) => void;
}

const USER_AGENT = "refrain-tutorial (a lesson on recurrent networks that reads a few pages of prices, slowly)";
const MOST_REDIRECTS = 5;
const MOST_PAGES = 1000;
const MOST_BYTES = 8e6;
const LONGEST_WAIT_MS = 60_000;

/** A fault that may have passed when one asks again. */
class PassingError extends PageError {
  /** What the site asked to wait, in ms. */
  readonly waitMs: number;

  constructor(message: string, waitMs = 0) {
    super(message);
    this.waitMs = waitMs;
  }
}

/**
 * Reads pages 1, 2, … until one has no rows, or none that were not there before.
 *
 * @param from the address, with `{page}` where its number goes; without that, `page=1`, `page=2` … is added to the query
 * @returns a table as of the file that the site hands out, oldest day first, and its CSV
 * @throws {PageError} if the address is none, a page cannot be had, or it is not understood
 */
export async function pricesFromPages(
  from: string,
  options: PagesOptions = {},
): Promise<{ table: Table; csv: string }> {
  const { delayMs = 1000, print = () => {} } = options;
  const rows = new Map<string, PriceRow>();
  for (let page = 1; ; page++) {
    if (page > MOST_PAGES) {
      throw new PageError(`${from}: there are still new rows after ${MOST_PAGES} pages; give an address with fewer`);
    }
    if (page > 1) await sleep(delayMs);
    const address = addressOf(from, page);
    const html = await textOf(address, options);
    const found = priceRows(html, `page ${page} (${address})`);
    const before = rows.size;
    for (const row of found) if (!rows.has(row.date)) rows.set(row.date, row);
    if (rows.size === before) break;
    print(`page ${page}: ${found.length} days, ${found.at(-1)!.date} … ${found[0].date}`);
  }
  if (rows.size === 0) {
    throw new PageError(
      `page 1 (${addressOf(from, 1)}) has no rows of prices; open it in a browser to see what it is, or leave out --from`,
    );
  }
  const csv = csvOf([...rows.values()], print);
  return { table: readTable(new TextEncoder().encode(csv)), csv };
}

function addressOf(from: string, page: number): URL {
  let url: URL;
  try {
    url = new URL(from.replaceAll("{page}", String(page)));
  } catch {
    throw new PageError(`--from: "${from}" is no address; give one such as https://example.com/prices?page={page}`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new PageError(`--from: the address must begin with http:// or https://, got "${from}"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new PageError("--from: an address with a user name or password is not taken; leave them out");
  }
  if (!from.includes("{page}")) url.searchParams.set("page", String(page));
  return url;
}

/** A page's text, asked for again after faults that may pass. */
async function textOf(address: URL, options: PagesOptions): Promise<string> {
  const { delayMs = 1000, retries = 3, print = () => {} } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await requested(address, options);
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      if (attempt >= retries) {
        const times = attempt === 1 ? "once" : `${attempt} times`;
        throw new PageError(
          attempt === 0 ? error.message : `${error.message}, also when asked again ${times}; try later`,
        );
      }
      const waitMs = Math.max(delayMs * 2 ** attempt, error.waitMs);
      print(`${error.message}; asking again in ${Number((waitMs / 1000).toPrecision(2))} s`);
      await sleep(waitMs);
    }
  }
}

async function requested(address: URL, { timeoutMs = 15_000 }: PagesOptions): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  let at = address;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await fetch(at, {
        signal,
        redirect: "manual",
        headers: { "user-agent": USER_AGENT, accept: "text/html" },
      });
      bytes = await bodyOf(response, at);
    } catch (error) {
      if (error instanceof PageError) throw error;
      if (signal.aborted) throw new PassingError(`${at} did not answer within ${timeoutMs / 1000} s`);
      throw new PassingError(`${at} cannot be reached (${causeOf(error)})`);
    }
    const { status, headers } = response;
    if (status >= 300 && status < 400) {
      const next = headers.get("location");
      if (next === null) throw new PageError(`${at} answers ${status} without saying where the page is`);
      at = new URL(next, at);
      if (at.protocol !== "http:" && at.protocol !== "https:") {
        throw new PageError(`${address} sends to ${at}, which is no page`);
      }
      continue;
    }
    if (status === 429 || status === 408 || status >= 500) {
      throw new PassingError(`${at} answers ${status}`, waitOf(headers.get("retry-after")));
    }
    if (status !== 200) throw new PageError(`${at} answers ${status}; open it in a browser to see why`);
    return decoded(bytes, headers.get("content-type") ?? "", at);
  }
  throw new PageError(`${address} sends from page to page more than ${MOST_REDIRECTS} times, and never to prices`);
}

/** @throws {PageError} if it is larger than any page of prices */
async function bodyOf(response: Response, at: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) throw new PageError(`${at} is larger than ${MOST_BYTES / 1e6} MB: no page of prices`);
  }
  return Buffer.concat(chunks);
}

/** By the charset of the header, else that of the page's own head, else UTF-8. */
function decoded(bytes: Uint8Array, contentType: string, at: URL): string {
  const [kind] = contentType.split(";");
  if (kind !== "" && !/^\s*(text\/|application\/xhtml)/i.test(kind)) {
    throw new PageError(`${at} is ${kind.trim()}, not a page of HTML`);
  }
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 2048));
  const charset = /charset\s*=\s*["']?\s*([\w-]+)/i;
  const label = (charset.exec(contentType) ?? charset.exec(head))?.[1] ?? "utf-8";
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    throw new PageError(`${at} says that its encoding is "${label}", which is none that is known`);
  }
}

/** Seconds or a date, as ms from now; not longer than one would wait. */
function waitOf(retryAfter: string | null): number {
  if (retryAfter === null) return 0;
  const ms = /^\d+$/.test(retryAfter) ? 1000 * Number(retryAfter) : Date.parse(retryAfter) - Date.now();
  return Math.min(LONGEST_WAIT_MS, Math.max(0, ms || 0));
}

/** The innermost reason: "connect ECONNREFUSED 127.0.0.1:80" says more than "fetch failed". */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const inner = cause instanceof Error ? cause : error;
  const { code } = inner as { code?: string };
  return inner instanceof Error ? inner.message || code || inner.name : String(inner);
}

/** Days without a close did not trade and are left out; another price that is missing is a gap. */
function csvOf(rows: readonly PriceRow[], print: (line: string) => void): string {
  const traded = rows.filter(({ prices }) => !Number.isNaN(prices[3]));
  if (traded.length < rows.length) print(`${rows.length - traded.length} days without a close were left out`);
  return writeCsv([
    { name: "日付", values: traded.map(({ date }) => date) },
    ...["始値", "高値", "安値", "終値"].map((name, i) => ({ name, values: traded.map(({ prices }) => prices[i]) })),
  ]);
}
