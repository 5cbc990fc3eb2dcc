// Tones by WebAudio, each with a flash of the screen's edge: sound is never the only sign.

const NOTES = {
  lift: [[660, 0, 0.2]],
  test: [[660, 0, 0.2]],
  relax: [
    [440, 0, 0.18],
    [330, 0.24, 0.26],
  ],
  tap: [[1000, 0, 0.03]],
};
const FLASH_MS = 450;
const LEVEL = 0.5;
const RAMP_S = 0.008; // edges without a click

let audio = null;
let flashing = 0;

/** Let sound start with the first press (browsers allow none before), and tell `changed` whether it can be heard. */
export function unlock(changed) {
  const wake = () => {
    audio ??= started(changed);
    if (audio && audio.state !== "running") audio.resume().then(() => changed(audible()), () => changed(false));
  };
  for (const gesture of ["pointerdown", "keydown", "touchend"]) document.addEventListener(gesture, wake, true);
  changed(audible());
}

function started(changed) {
  if (!window.AudioContext) return null;
  const context = new AudioContext({ latencyHint: "interactive" });
  context.onstatechange = () => changed(audible());
  return context;
}

const audible = () => audio?.state === "running";

export function sound(kind) {
  flash(kind);
  if (!audible()) return;
  for (const [hertz, after, length] of NOTES[kind] ?? []) {
    const from = audio.currentTime + after;
    const voice = audio.createOscillator();
    const level = audio.createGain();
    voice.frequency.value = hertz;
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(LEVEL, from + RAMP_S);
    level.gain.setValueAtTime(LEVEL, from + length - RAMP_S);
    level.gain.linearRampToValueAtTime(0, from + length);
    voice.connect(level).connect(audio.destination);
    voice.start(from);
    voice.stop(from + length);
  }
}

function flash(kind) {
  document.body.dataset.flash = kind;
  clearTimeout(flashing);
  flashing = setTimeout(() => delete document.body.dataset.flash, FLASH_MS);
}
