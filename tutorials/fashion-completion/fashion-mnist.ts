/**
 * Fashion-MNIST: 60,000 training and 10,000 test pictures of clothes, 28 × 28 bytes each, with a label from 0 to 9.
 *
 * The four files are looked for in the folders of the lesson, then where Debian's package puts them, then in the cache; if
 * they are nowhere they are downloaded into the cache. Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { FormatError, type Tensor } from "refrain";
import { readIdx } from "refrain/data";
import { DataSource, MissingData } from "../data-source.ts";

/** What the labels mean. */
export const CLASSES = [
  "T-shirt",
  "trousers",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
];

/** Rows of a picture, and pixels of a row. */
export const SIDE = 28;

/** The files, and the SHA-256 of what is in them: decompressed, for one compressor's bytes are not another's. */
const FILES = {
  "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
  "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
  "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
  "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
} as const;

type FileName = keyof typeof FILES;

export interface LabelledImages {
  /** [N, 28, 28], uint8: 0 is the background. */
  readonly images: Tensor;
  /** [N], uint8 */
  readonly labels: Tensor;
}

export interface FashionMnist {
  readonly training: LabelledImages;
  readonly test: LabelledImages;
  /** The folder that it was read from. */
  readonly from: string;
  /** Whether these are the published files, byte for byte. */
  readonly isOriginal: boolean;
  /** A fingerprint of all that was read. */
  readonly fingerprint: string;
}

/** Where the files may be besides the lesson's own folders. */
export interface Places {
  /** Debian's package `dataset-fashion-mnist`. */
  readonly installed: string;
  /** Where downloaded files are kept. */
  readonly cache: string;
  /** What the name of a file is appended to. */
  readonly url: string;
}

export const PLACES: Places = {
  installed: "/usr/share/datasets/fashion-mnist",
  cache: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "refrain", "fashion-mnist"),
  url: "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
};

/**
 * @param data  the lesson's folders, which come first
 * @param print told when a download begins
 * @throws {MissingData} if a file is nowhere and cannot be downloaded
 * @throws {FormatError} if a file is damaged, or the four do not belong together
 */
export async function loadFashionMnist(
  data: DataSource,
  print: (line: string) => void,
  places: Places = PLACES,
): Promise<FashionMnist> {
  const from = (await findFolder(data, places)) ?? (await download(places, data.folders, print));
  const source = new DataSource([from]);
  const digests: string[] = [];
  const read = async (name: FileName): Promise<Tensor> => {
    const file = await source.file(`${name}.gz`, name);
    const path = join(from, file.name);
    const content = contentOf(path, file.bytes);
    digests.push(sha256(content));
    return inFile(path, () => readIdx(content));
  };
  const part = async (prefix: "train" | "t10k"): Promise<LabelledImages> => {
    const images = await read(`${prefix}-images-idx3-ubyte`);
    const labels = await read(`${prefix}-labels-idx1-ubyte`);
    return checkPart(`${from}/${prefix}-…`, { images, labels });
  };
  const training = await part("train");
  const test = await part("t10k");
  const isOriginal = Object.values(FILES).every((digest, i) => digest === digests[i]);
  return { training, test, from, isOriginal, fingerprint: sha256(digests.join()) };
}

/** The first folder that has any of the files; a cache must have them all, for a download may have been interrupted. */
async function findFolder(data: DataSource, { installed, cache }: Places): Promise<string | null> {
  const names = Object.keys(FILES);
  const all = names.flatMap((name) => [`${name}.gz`, name]);
  const found = await data.folderWith(...all);
  if (found !== null) return found;
  if (all.some((name) => existsSync(join(installed, name)))) return installed;
  return names.every((name) => existsSync(join(cache, `${name}.gz`))) ? cache : null;
}

/** The bytes in a file, decompressed if it is a .gz. */
function contentOf(file: string, bytes: Uint8Array): Uint8Array {
  if (!file.endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new FormatError(`${file} is damaged (${(error as Error).message}); fetch it again`);
  }
}

/** Names the file in an error about its content. */
function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(`${file}: ${error.message}`) : error;
  }
}

function checkPart(place: string, part: LabelledImages): LabelledImages {
  const { images, labels } = part;
  const [count, height, width] = images.shape;
  if (images.dtype !== "uint8" || images.rank !== 3 || height !== SIDE || width !== SIDE || count === 0) {
    throw new FormatError(
      `${place}: the images must be bytes [N, ${SIDE}, ${SIDE}], got ${images.dtype} [${images.shape}]`,
    );
  }
  if (labels.dtype !== "uint8" || labels.rank !== 1 || labels.shape[0] !== count) {
    throw new FormatError(`${place}: ${count} images need ${count} labels, got ${labels.dtype} [${labels.shape}]`);
  }
  const largest = labels.max().item();
  if (largest >= CLASSES.length) {
    throw new FormatError(`${place}: a label is ${largest}; there are ${CLASSES.length}, counted from 0`);
  }
  return part;
}

/**
 * Fetches those of the four files that are not in the cache. Each appears in the cache when all of it has come and its checksum is right.
 * @returns the cache's folder
 */
async function download(places: Places, searched: readonly string[], print: (line: string) => void): Promise<string> {
  print(`Fashion-MNIST is not here: downloading 31 MB from ${places.url}`);
  for (const [name, digest] of Object.entries(FILES)) {
    const url = `${places.url}${name}.gz`;
    const file = join(places.cache, `${name}.gz`);
    if (existsSync(file)) continue;
    try {
      await mkdir(places.cache, { recursive: true });
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (sha256(contentOf(url, bytes)) !== digest) {
        throw new FormatError(`${url} is not the file it should be: its SHA-256 differs; try again later`);
      }
      await writeFile(`${file}.part`, bytes);
      await rename(`${file}.part`, file);
    } catch (error) {
      if (error instanceof FormatError) throw error;
      throw new MissingData(
        `Fashion-MNIST is not in ${[...searched, places.installed, places.cache].join(", ")}, and ${name}.gz cannot be ` +
          `downloaded (${reasonOf(error)}); install Debian's package dataset-fashion-mnist, or name the folder that has its ` +
          "four .gz files with --data or $REFRAIN_DATA",
      );
    }
  }
  return places.cache;
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** fetch hides why it failed in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
