// What is wrong, beside the field that it concerns.

const alertBox = document.getElementById("alert");

/** Say what is wrong with a control: in the element whose id is the control's name with -error. */
export function showError(control, text) {
  control.setAttribute("aria-invalid", "true");
  findError(control).textContent = text;
  control.closest("details")?.setAttribute("open", "");
}

export function clearError(control) {
  control.removeAttribute("aria-invalid");
  const error = findError(control);
  if (error) {
    error.textContent = "";
  }
}

function findError(control) {
  return (
    control.closest(".region-row")?.querySelector(".error") ??
    document.getElementById(`${control.name}-error`)
  );
}

export function clearErrors(form) {
  form.querySelectorAll('[aria-invalid="true"]').forEach(clearError);
  form.querySelectorAll(".error").forEach((error) => (error.textContent = ""));
  hideAlert();
}

/** Show what the browser itself finds wrong: what it can't read as a number, it would send as blank. */
export function showInvalid(form) {
  for (const control of form.querySelectorAll("input, select, textarea")) {
    if (!control.validity.valid) {
      showError(control, control.validationMessage);
    }
  }
}

/** Show why the server refused: at the fields, or with a button if it asks to come again. */
export function showRefusal(form, status, text, retryAfter) {
  const problem = readProblem(text, status);
  if (retryAfter) {
    offerRetry(`${endSentence(problem.detail)} It asks to wait ${retryAfter} seconds.`);
  } else {
    showProblem(form, problem);
  }
}

function readProblem(text, status) {
  try {
    return JSON.parse(text);
  } catch {
    // Not our server's words: those of a proxy before it.
    return { detail: `The server answered with an error (${status}).` };
  }
}

/** Show why it failed, with a button that sends the form again. */
export function offerRetry(reason) {
  const button = document.createElement("button");
  button.textContent = "Try again";
  showAlert(reason, button);
}

/** Show the `errors` of a problem (RFC 9457) at their fields, and the first of them to the user. */
function showProblem(form, problem) {
  const general = [];
  for (const { field, detail } of problem.errors ?? []) {
    const control = findControl(form, field);
    if (control) {
      addError(control, withInnerPath(control, field, detail));
    } else {
      general.push(`${field}: ${detail}`.replace(/^: /, ""));
    }
  }
  if (!problem.errors?.length) {
    general.push(problem.detail);
  }
  if (general.length) {
    showAlert(general.map(endSentence).join(" "));
  }
  focusFirst(form);
}

/** Add to what is wrong with a control, which may hold a list with errors of its own. */
function addError(control, text) {
  showError(control, `${findError(control).textContent} ${endSentence(text)}`.trim());
}

/** Say where in `ignore_regions.1.y` it is, unless that has an input of its own. */
function withInnerPath(control, field, detail) {
  const list = `${control.name}.`;
  return field.startsWith(list) ? `${field.slice(list.length)}: ${detail}` : detail;
}

export function focusFirst(form) {
  form.querySelector('[aria-invalid="true"]')?.focus();
}

/** Show what concerns no field; with a button, if there is something to do about it. */
export function showAlert(text, button) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  alertBox.replaceChildren(paragraph, ...(button ? [button] : []));
  alertBox.hidden = false;
  alertBox.focus();
}

export function hideAlert() {
  alertBox.hidden = true;
}

/** Find `image1`, or of `ignore_regions.0.x` the input in its row. */
function findControl(form, field) {
  const [name, index, key] = field.split(".");
  const row = name === "ignore_regions" && form.querySelectorAll(".region-row")[index];
  if (row) {
    return row.querySelector(`[name="${key}"]`) ?? row.querySelector("input");
  }
  const control = form.elements[name];
  return control instanceof RadioNodeList ? control[0] : control;
}

/** Make a sentence of the server's words, which are part of one. */
function endSentence(text) {
  return `${capitalize(text).replace(/\.$/, "")}.`;
}

function capitalize(text) {
  return text[0].toUpperCase() + text.slice(1);
}
