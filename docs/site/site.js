// What mdBook's pages lack for readers who use the keyboard or a screen reader.

const toggle = document.getElementById('mdbook-sidebar-toggle');
toggle?.setAttribute('role', 'button');
document.getElementById('mdbook-menu-bar')?.setAttribute('role', 'banner');

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
