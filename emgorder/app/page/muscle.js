// Muscles by their channel labels: what they are called, and which colour is theirs.

const MUSCLES = {
  GMAX: ["glute", "glute"],
  BF: ["hamstring", "hamstring"],
  ST: ["hamstring", "hamstring"],
  HAM: ["hamstring", "hamstring"],
  GMED: ["side glute", "other"],
  ES: ["lower back", "other"],
};
const SIDES = { R: "Right", L: "Left" };

/** What a label such as `GMAX_R` stands for: code, side (`R`, `L` or empty), words, and role (its colour). */
export function muscle(label) {
  const [code, side = ""] = label.split("_");
  const [name, role] = MUSCLES[code] ?? [code, "other"];
  const words = side in SIDES ? `${SIDES[side]} ${name}` : name.charAt(0).toUpperCase() + name.slice(1);
  return { code, side: side in SIDES ? side : "", words, role };
}

/** The colours of the theme that is on now. */
export function inks() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    glute: read("glute"),
    hamstring: read("hamstring"),
    other: read("muted"),
    ink: read("ink"),
    muted: read("muted"),
    rule: read("rule"),
  };
}
