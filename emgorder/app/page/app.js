// Starts the page: messages of the test become screens, strips and tones; presses become commands.

import { start } from "./buttons.js";
import { byId, setText } from "./dom.js";
import { show } from "./screen.js";
import { connect } from "./socket.js";
import { addTraces } from "./strips.js";
import { sound, unlock } from "./tone.js";

let newest = null;
let receivedMs = 0;
let asked = false;
let gone = false; // the app itself, for as long as nothing answers

function hear(message) {
  if (message.type === "traces") addTraces(message);
  else if (message.type === "tone") sound(message.kind);
  else if (message.type === "screen") keep(message.screen);
}

// Screens may come faster than they can be drawn, and only the last one counts.
function keep(screen) {
  newest = screen;
  receivedMs = performance.now();
  if (asked) return;
  asked = true;
  const draw = () => {
    asked = false;
    show(newest, receivedMs);
  };
  if (document.visibilityState === "visible") requestAnimationFrame(draw);
  else draw();
}

function linked(on, ended) {
  document.body.dataset.connected = on ? "yes" : "no";
  gone = !on && (gone || ended);
  const words = gone ? "The app was closed. Start it again to go on." : "Connection lost. Trying again …";
  setText(byId("link"), on ? "" : words);
}

start(connect(hear, linked));
unlock((audible) => {
  document.body.dataset.sound = audible ? "on" : "off";
  setText(byId("quiet"), audible ? "" : "Sound is off: press any button");
});
