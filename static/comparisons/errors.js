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
  alertBox.hidden = true;
}

/** Show the `errors` of a problem (RFC 9457) at their fields, and the first of them to the user. */
export function showProblem(form, problem) {
  const general = [];
  for (const { field, detail } of problem.errors ?? []) {
    const control = findControl(form, field);
    if (control) {
      showError(control, capitalize(detail));
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
export function endSentence(text) {
  return `${capitalize(text).replace(/\.$/, "")}.`;
}

function capitalize(text) {
  return text[0].toUpperCase() + text.slice(1);
}
