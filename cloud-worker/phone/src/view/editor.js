/** The form for my card. The text lives in the state, so that a reload or a newer card loses none of it. */

import { FIELDS, MAX_FIELD } from "../card.js";
import { words } from "../words.js";
import { button, el } from "./dom.js";

/** How a phone's keyboard and its memory should treat each field. */
const KINDS = {
  name: { autocomplete: "name", autocapitalize: "words" },
  title: { autocomplete: "organization-title", autocapitalize: "words" },
  organisation: { autocomplete: "organization", autocapitalize: "words" },
  mail: { autocomplete: "email", autocapitalize: "none", inputmode: "email", spellcheck: "false" },
};
/** @type {Partial<import("../card.js").Fields>} */
const HOW = { title: words.titleHow, mail: words.mailHow };

/**
 * @param {import("../view.js").Act} act
 * @returns {import("../view.js").Screen}
 */
export function editor(act) {
  const title = el("h1", { tabindex: "-1" }, words.yourCard);
  const trouble = el("p", { class: "note", role: "alert" });
  const fields = FIELDS.map((it) => field(it, act));
  const cancel = button(words.cancel, () => act({ type: "cancel" }));
  const save = el("button", { type: "submit", class: "button primary" }, words.save);
  const choice = el("div", { class: "choice" }, cancel, save);
  const stay = el("p", { class: "small quiet" }, words.phonesStay);
  const form = el("form", { novalidate: "", class: "say" }, title, trouble);
  form.append(...fields.map((it) => it.element), stay, choice);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act({ type: "save" });
  });

  return {
    element: form,
    update({ draft }) {
      if (!draft) return;
      const text = troubleOf(draft);
      if (trouble.textContent !== text) trouble.textContent = text;
      trouble.hidden = !text;
      for (const it of fields) it.update(draft);
    },
  };
}

/** @param {import("../draft.js").Draft} draft */
function troubleOf({ trouble, text }) {
  if (trouble === "changed-elsewhere") return words.changedElsewhere;
  return trouble === "refused" ? words.refused(text) : "";
}

/**
 * @param {typeof FIELDS[number]} name
 * @param {import("../view.js").Act} act
 */
function field(name, act) {
  const id = `field-${name}`;
  const limits = { maxlength: `${MAX_FIELD}`, "aria-describedby": `${id}-how` };
  const input = el("input", { id, ...limits, ...KINDS[name] });
  const how = el("p", { id: `${id}-how`, class: "small quiet" });
  input.addEventListener("input", () => act({ type: "typed", fields: { [name]: input.value } }));
  const label = el("label", { for: id }, words[name]);
  return {
    element: el("div", { class: "field" }, label, input, how),
    /** @param {import("../draft.js").Draft} draft */
    update(draft) {
      if (input.value !== draft.fields[name]) input.value = draft.fields[name];
      const missing = name === "name" && draft.trouble === "no-name";
      if (missing && input.getAttribute("aria-invalid") !== "true") input.focus();
      const theirs = draft.theirs[name];
      input.setAttribute("aria-invalid", String(missing));
      if (missing) how.textContent = words.noNameYet;
      else how.textContent = theirs === undefined ? (HOW[name] ?? "") : words.theirs(theirs);
      how.classList.toggle("amber", missing || theirs !== undefined);
      how.hidden = !how.textContent;
    },
  };
}
