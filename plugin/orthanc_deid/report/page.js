(function () {
  "use strict";
  const root = document.documentElement;
  const buttons = document.querySelectorAll("[data-choose]");
  function choose(language) {
    root.dataset.lang = language;
    root.lang = language;
    buttons.forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.choose === language));
    });
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () { choose(button.dataset.choose); });
  });
  choose(/^(ru|be|kk|ky|uk)\b/i.test(navigator.language || "") ? "ru" : "en");
})();
