// What mdBook's pages lack for readers who use the keyboard or a screen reader.

/** A real button in place of the label that opens the contents. */
function replaceToggle() {
  const label = document.getElementById('mdbook-sidebar-toggle');
  const box = document.getElementById('mdbook-sidebar-toggle-anchor');
  const button = document.createElement('button');
  button.className = label.className;
  button.title = label.title;
  button.append(...label.childNodes);
  label.hidden = true;
  label.replaceChildren();
  for (const name of ['aria-label', 'aria-controls', 'aria-expanded']) label.removeAttribute(name);
  const update = () => button.setAttribute('aria-expanded', String(box.checked));
  button.setAttribute('aria-label', 'Contents');
  button.setAttribute('aria-controls', 'mdbook-sidebar');
  button.addEventListener('click', () => box.click());
  box.addEventListener('change', update);
  update();
  label.after(button);
}
replaceToggle();
document.getElementById('mdbook-menu-bar').setAttribute('role', 'banner');

// A corner of a table is no heading.
for (const corner of document.querySelectorAll('th:empty')) corner.replaceWith(document.createElement('td'));

/** The keyboard can scroll what is wider than the page, and only that. */
function markScrollable() {
  for (const box of document.querySelectorAll('main .table-wrapper, main pre code')) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  }
}
markScrollable();
window.addEventListener('resize', markScrollable);
