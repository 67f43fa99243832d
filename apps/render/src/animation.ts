/**
 * Figures as the frames of an animation in one HTML file: play, pause, a slider, and the arrow keys on it. Without scripts the
 * frames stand one below the other; who prefers reduced motion gets the last frame and presses play.
 * Frames should have the same axes: give them one `xDomain` and `yDomain`.
 */

import { createHash } from "node:crypto";
import type { Figure } from "refrain/figure";
import { inlineSvg, page } from "./report.ts";
import { escapeText, RenderError, type RenderOptions, renderSvg } from "./svg.ts";

export type AnimationOptions = RenderOptions & {
  /** Above the animation and in the browser's tab. Default: the first frame's title. */
  title?: string;
  /** Below the title. Default: none. */
  paragraphs?: readonly string[];
  /** How long a frame stays, in milliseconds. Default 400. */
  frameMs?: number;
  /** One per frame, beside the slider: "epoch 10". Default: "1 / 20" and so on. */
  captions?: readonly string[];
  /** On the button. Defaults "Play" and "Pause". */
  playName?: string;
  pauseName?: string;
  /** BCP 47 language of the text. Default "en". */
  language?: string;
};

/** @throws {RenderError} without frames, or if a frame cannot be drawn */
export async function renderAnimation(frames: readonly Figure[], options: AnimationOptions = {}): Promise<string> {
  if (frames.length === 0) throw new RenderError("renderAnimation: expected at least one frame, got none.");
  const { frameMs = 400, playName = "Play", pauseName = "Pause", language = "en", paragraphs = [] } = options;
  const title = options.title ?? (frames[0].title || frames[0].description);
  const captions = frames.map((_, i) => options.captions?.[i] ?? `${i + 1} / ${frames.length}`);

  const figures: string[] = [];
  for (const [i, frame] of frames.entries()) {
    const svg = inlineSvg(await renderSvg(frame, options), `f${i + 1}-`);
    figures.push(`<figure data-caption="${escapeText(captions[i])}">${svg}</figure>`);
  }
  const body = `<header><h1>${escapeText(title)}</h1>
${paragraphs.map((paragraph) => `<p>${escapeText(paragraph)}</p>\n`).join("")}</header>
<div class="frames" data-frame-ms="${Math.max(16, Math.round(frameMs))}" data-play="${escapeText(playName)}" data-pause="${escapeText(pauseName)}">
${figures.join("\n")}
</div>
<div class="player" hidden><button type="button"></button><input type="range" min="0" max="${frames.length - 1}" step="1" value="0" aria-label="${escapeText(title)}"><output></output></div>`;
  const hash = `sha256-${createHash("sha256").update(PLAYER).digest("base64")}`;
  return page({ title, language, body, script: { text: PLAYER, hash } });
}

/** Runs in the reader's browser. It is constant: what differs between animations stands in attributes. */
const PLAYER = `
const frames = document.querySelector(".frames");
const figures = [...frames.children];
const player = document.querySelector(".player");
const [button, slider, caption] = player.children;
let timer = 0;
const show = (index) => {
  figures.forEach((figure, i) => figure.classList.toggle("shown", i === index));
  slider.value = index;
  caption.textContent = figures[index].dataset.caption;
};
const pause = () => {
  clearInterval(timer);
  timer = 0;
  button.textContent = frames.dataset.play;
};
const play = () => {
  if (Number(slider.value) === figures.length - 1) show(0);
  button.textContent = frames.dataset.pause;
  timer = setInterval(() => {
    const next = Number(slider.value) + 1;
    if (next < figures.length) show(next);
    else pause();
  }, Number(frames.dataset.frameMs));
};
button.addEventListener("click", () => (timer ? pause() : play()));
slider.addEventListener("input", () => {
  pause();
  show(Number(slider.value));
});
frames.classList.add("playing");
player.hidden = false;
pause();
if (matchMedia("(prefers-reduced-motion: reduce)").matches) show(figures.length - 1);
else {
  show(0);
  play();
}
`;
