const status = document.getElementById("status");

/** Tell those who listen what others see. */
export function announce(text) {
  status.textContent = text;
}
