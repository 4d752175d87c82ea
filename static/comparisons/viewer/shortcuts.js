// Single keys, while the viewer has the focus: https://www.w3.org/TR/WCAG22/#character-key-shortcuts

const TEXT = "textarea, select, input:not([type=range])";

/** Call what belongs to a key; `actions` are by `KeyboardEvent.key`, and false leaves it to the browser. */
export function followShortcuts(viewer, actions) {
  viewer.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const action = actions[key.length === 1 ? key.toLowerCase() : key];
    const isTaken = target.matches(TEXT) || (target.matches("input") && key.startsWith("Arrow"));
    if (action && !isTaken && !event.ctrlKey && !event.metaKey && !event.altKey && !viewer.querySelector("dialog[open]")) {
      if (action() !== false) {
        event.preventDefault();
      }
    }
  });
}
