// The connection to the test: commands go out, messages come in, and it comes back by itself.

const STOPPED = 1001; // the app was ended, not the connection lost
const WAITS_MS = [500, 1000, 2000, 5000];
const ANSWER_MS = 5000;

/** Keep a connection open; `hear` gets messages; `told` gets whether it is there, and whether the app ended. */
export function connect(hear, told) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const address = `${scheme}://${location.host}/ws`;
  const waiting = new Map();
  let socket = null;
  let failures = 0;
  let numbered = 0;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    socket = new WebSocket(address);
    socket.onopen = () => {
      failures = 0;
      told(true, false);
    };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === "reply") settle(message.id, message.error ?? "");
      else hear(message);
    };
    socket.onclose = lost;
  }

  function lost({ code }) {
    socket = null;
    for (const id of [...waiting.keys()]) settle(id, "The connection was lost: please press again.");
    told(false, code === STOPPED);
    timer = setTimeout(open, WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]);
  }

  function settle(id, error) {
    const entry = waiting.get(id);
    if (!entry) return;
    waiting.delete(id);
    clearTimeout(entry.timer);
    entry.answered(error);
  }

  /** Send a command; resolves to "" or to the words why it was not taken. */
  function send(command, values, step, turn) {
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve("Not connected: nothing was sent.");
    if ([...waiting.values()].some((entry) => entry.command === command)) return Promise.resolve("");
    const id = ++numbered;
    return new Promise((answered) => {
      const late = setTimeout(() => settle(id, "No answer yet: please press again."), ANSWER_MS);
      waiting.set(id, { command, answered, timer: late });
      socket.send(JSON.stringify({ do: command, values, step, turn, id }));
    });
  }

  // A lid that opens or a network that is back should not wait for the timer.
  const retry = () => {
    if (!socket && document.visibilityState === "visible") open();
  };
  window.addEventListener("online", retry);
  document.addEventListener("visibilitychange", retry);
  open();
  return send;
}
