/** Where the pictures come from, and what is said when they do not come. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { FormatError } from "refrain";
import { DataSource, MissingData } from "refrain-tutorials";
import { afterEach, describe, expect, it } from "vitest";
import { loadFashionMnist, PLACES, type Places } from "../../tutorials/fashion-completion/fashion-mnist.ts";
import { clearFolders, drawnFiles, drawnPictures, folderOf, idx } from "./drawn-clothes.ts";

clearFolders();

/** Nowhere but in the lesson's folders: nothing listens at the port. */
const NOWHERE: Places = { installed: "/no-such-folder", cache: "/no-such-cache", url: "http://127.0.0.1:1/" };
const quiet = () => {};
const load = (files: Record<string, Uint8Array>) => loadFashionMnist(new DataSource([folderOf(files)]), quiet, NOWHERE);

describe("Fashion-MNIST", () => {
  it("is read from the first folder that has it, compressed or not", async () => {
    const files = drawnFiles();
    const plain = Object.entries(files).map(([name, bytes]) => [name.slice(0, -".gz".length), gunzipSync(bytes)]);
    for (const each of [files, Object.fromEntries(plain)]) {
      const folder = folderOf(each);
      const { training, test, from, isOriginal } = await loadFashionMnist(
        new DataSource([folderOf(), folder]),
        quiet,
        NOWHERE,
      );
      expect(from).toBe(folder);
      expect(isOriginal).toBe(false);
      expect(training.images.shape).toEqual([36, 28, 28]);
      expect(training.images.toTypedArray()).toEqual(drawnPictures(36));
      expect(test.images.toTypedArray()).toEqual(drawnPictures(14, 36));
      expect(test.labels.toArray()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3]);
    }
  });

  it("with one file missing is an error that names it and its folder", async () => {
    const { "t10k-labels-idx1-ubyte.gz": _, ...others } = drawnFiles();
    await expect(load(others)).rejects.toThrow(/no t10k-labels-idx1-ubyte\.gz or t10k-labels-idx1-ubyte in .*refrain-/);
  });

  it("with a damaged file is an error that names it, wherever the damage is", async () => {
    const name = "train-images-idx3-ubyte.gz";
    const whole = drawnFiles()[name];
    for (const at of [0, 300, whole.length - 6]) {
      const damaged = whole.slice();
      damaged[at] ^= 0x10;
      const error = await load({ ...drawnFiles(), [name]: damaged }).catch((thrown) => thrown);
      expect(error, `byte ${at}`).toBeInstanceOf(FormatError);
      expect(error.message).toMatch(/train-images-idx3-ubyte\.gz is damaged \(.*\); fetch it again/);
    }
    for (const length of [0, 10, whole.length - 1]) {
      await expect(load({ ...drawnFiles(), [name]: whole.subarray(0, length) })).rejects.toThrow(
        /train-images-idx3-ubyte\.gz/,
      );
    }
  });

  it("of another form is an error that says which", async () => {
    const { "train-images-idx3-ubyte.gz": _, "train-labels-idx1-ubyte.gz": __, ...others } = drawnFiles();
    const withTraining = (images: Uint8Array, labels: Uint8Array) =>
      load({ ...others, "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels });
    const images = idx([2, 28, 28], drawnPictures(2));
    await expect(withTraining(images, idx([3], Uint8Array.of(1, 2, 3)))).rejects.toThrow(/2 images need 2 labels/);
    await expect(withTraining(images, idx([2], Uint8Array.of(1, 10)))).rejects.toThrow(/a label is 10/);
    const wide = idx([2, 14, 56], drawnPictures(2));
    await expect(withTraining(wide, idx([2], Uint8Array.of(1, 2)))).rejects.toThrow(/\[N, 28, 28\]/);
    await expect(withTraining(images.subarray(0, 99), idx([2], Uint8Array.of(1, 2)))).rejects.toThrow(
      /train-images-idx3-ubyte: readIdx: .* is it cut short/,
    );
  });

  it("that is nowhere, without a network, is one error that names what helps", async () => {
    const places = { ...NOWHERE, cache: join(folderOf(), "cache") };
    const error = await loadFashionMnist(new DataSource([folderOf()]), quiet, places).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(MissingData);
    expect(error.message).toMatch(/dataset-fashion-mnist.*--data or \$REFRAIN_DATA/);
    expect(error.message).not.toContain("\n");
    expect(readdirSync(places.cache)).toEqual([]);
  });
});

describe("a download", () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  async function serve(answer: (name: string) => Uint8Array | null): Promise<string> {
    server = createServer((request, response) => {
      const content = answer(String(request.url).slice(1));
      response.writeHead(content === null ? 404 : 200).end(content);
    });
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  it("of other content than the published is refused, and nothing of it is kept", async () => {
    const files = drawnFiles();
    const places = { ...NOWHERE, cache: join(folderOf(), "cache"), url: await serve((name) => files[name] ?? null) };
    await expect(loadFashionMnist(new DataSource([]), quiet, places)).rejects.toThrow(/its SHA-256 differs/);
    expect(readdirSync(places.cache)).toEqual([]);
  });

  it("that cannot be kept says so", async () => {
    const files = drawnFiles();
    const file = join(folderOf(files), "train-images-idx3-ubyte.gz");
    const places = { ...NOWHERE, cache: join(file, "cache"), url: await serve((name) => files[name] ?? null) };
    await expect(loadFashionMnist(new DataSource([]), quiet, places)).rejects.toThrow(/ENOTDIR.*dataset-fashion-mnist/);
  });

  it("of what is not there says so", async () => {
    const places = { ...NOWHERE, cache: join(folderOf(), "cache"), url: await serve(() => null) };
    await expect(loadFashionMnist(new DataSource([]), quiet, places)).rejects.toThrow(/\(404 Not Found\)/);
  });

  // Needs the published files to serve: Debian's package dataset-fashion-mnist, which CI installs.
  it.skipIf(!existsSync(PLACES.installed))(
    "of the published files is kept, and read again without a network",
    async () => {
      let isUp = false;
      const url = await serve((name) =>
        isUp || name.startsWith("train") ? readFileSync(join(PLACES.installed, name)) : null,
      );
      const places = { ...NOWHERE, cache: join(folderOf(), "cache"), url };
      await expect(loadFashionMnist(new DataSource([]), quiet, places)).rejects.toThrow(
        /t10k-images.* \(404 Not Found\)/,
      );
      expect(readdirSync(places.cache)).toHaveLength(2);
      isUp = true; // it goes on with what is missing
      const lines: string[] = [];
      const first = await loadFashionMnist(new DataSource([]), (line) => lines.push(line), places);
      expect(first.isOriginal).toBe(true);
      expect(lines).toEqual([expect.stringContaining(`downloading 31 MB from ${url}`)]);
      expect(readdirSync(places.cache)).toHaveLength(4);
      const again = await loadFashionMnist(new DataSource([]), quiet, { ...places, url: NOWHERE.url });
      expect(again.fingerprint).toBe(first.fingerprint);
    },
  );
});
