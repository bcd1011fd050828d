// The choice of the language on a page that is one file: the browser's at first, then the reader's.
(function () {
  "use strict";
  const root = document.documentElement;
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll("[data-choose]");
  /** @param {string} language */
  function choose(language) {
    root.dataset.lang = language;
    root.lang = language;
    buttons.forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.choose === language));
    });
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () { choose(button.dataset.choose || "en"); });
  });
  choose(/^(ru|be|kk|ky|uk)\b/i.test(navigator.language || "") ? "ru" : "en");
})();
