// A menu that folds out over what is below it closes when one goes on.

export function closeWhenLeft(menu) {
  document.addEventListener("pointerdown", ({ target }) => {
    if (!menu.contains(target)) {
      menu.open = false;
    }
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget)) {
      menu.open = false;
    }
  });
  menu.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
