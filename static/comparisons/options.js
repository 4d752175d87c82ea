// Two controls of one value, tied together; and how many options are not as they were by default.

export function followOptions(form) {
  const { threshold, background } = form.elements;
  const slider = document.getElementById("threshold-slider");
  const picker = document.getElementById("background-color");
  const changed = document.getElementById("changed");
  const options = changed.closest("details");

  slider.addEventListener("input", () => type(threshold, slider.value));
  picker.addEventListener("input", () => type(background, picker.value));

  function show() {
    slider.value = threshold.value;
    picker.value = readColor(background.value);
    const count = [...options.querySelectorAll("[name]")].filter(isChanged).length;
    changed.hidden = count === 0;
    changed.textContent = `${count} changed`;
  }
  options.addEventListener("input", show);
  return { show };
}

/** Fill in a value so that whoever follows the field learns of it. */
function type(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Read a CSS colour as #rrggbb, which is all that an input takes; white for what is none. */
function readColor(text) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillStyle = text;
  return context.fillStyle.startsWith("#") ? context.fillStyle : "#ffffff";
}

function isChanged(control) {
  if (control.matches("[type=radio], [type=checkbox]")) {
    return control.checked && !control.defaultChecked;
  }
  if (control.matches("select")) {
    const byDefault = [...control.options].find((option) => option.defaultSelected);
    return control.selectedOptions[0] !== (byDefault ?? control.options[0]);
  }
  return control.value !== control.defaultValue;
}
