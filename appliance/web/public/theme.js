// SPDX-License-Identifier: Apache-2.0
// Light or dark as the reader's system says, before the first paint: hence a file of its own that blocks.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('pf-v6-theme-dark', dark.matches);
  apply();
  dark.addEventListener('change', apply);
})();
