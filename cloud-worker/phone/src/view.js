/**
 * Shows a state: one screen at a time. Card texts reach the page as text only, never as markup.
 *
 * @typedef {import("./session.js").State} State
 * @typedef {(input: import("./session.js").Input) => void} Act
 * @typedef {{ element: HTMLElement, update: (state: State) => void }} Screen
 */

import { nameOf } from "./card.js";
import { ask } from "./view/ask.js";
import { el } from "./view/dom.js";
import { editor } from "./view/editor.js";
import { home } from "./view/home.js";
import { stop } from "./view/stop.js";
import { words } from "./words.js";

const LINKS = { connecting: words.connecting, online: words.online, offline: words.offline };

/**
 * Takes the whole page.
 * @param {Act} act
 * @returns {(state: State) => void} shows a state
 */
export function view(act) {
  const screens = { home: home(act), edit: editor(act), ask: ask(act) };
  const owner = el("strong");
  const link = el("span", { class: "quiet", role: "status" });
  const main = el("main");
  document.body.replaceChildren(el("header", {}, owner, link), main);
  /** @type {Screen | null} */
  let shown = null;
  return (state) => {
    owner.textContent = (state.own.card && nameOf(state.own.card)) || "Tapcard";
    link.textContent = LINKS[state.link];
    const screen = screens[state.draft?.stage ?? "home"];
    screen.update(state);
    if (screen === shown) return;
    main.replaceChildren(screen.element);
    // The first screen comes by itself; every other one answers a press, and the reader follows it.
    if (shown) screen.element.querySelector("h1")?.focus();
    if (shown) scrollTo(0, 0);
    shown = screen;
  };
}

/**
 * Ends the page with a sentence.
 * @param {keyof typeof import("./words.js").stops} reason
 */
export function showStop(reason) {
  document.body.replaceChildren(el("header", {}, el("strong", {}, "Tapcard")), stop(reason));
}
