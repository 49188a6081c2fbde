"use strict";
(() => {
  if (document.querySelector(".filters") === null) {
    return;
  }
  const probes = [...document.querySelectorAll(".probe")];
  const category = document.getElementById("category");
  const flag = document.getElementById("flag");
  const text = document.getElementById("text");
  const count = document.getElementById("count");

  const fits = (probe) =>
    (category.value === "" || probe.dataset.category === category.value) &&
    (flag.value === "" || probe.dataset.flags.split(" ").includes(flag.value)) &&
    (text.value === "" || probe.textContent.toLowerCase().includes(text.value.toLowerCase()));

  const apply = () => {
    let shown = 0;
    for (const probe of probes) {
      probe.hidden = !fits(probe);
      shown += probe.hidden ? 0 : 1;
    }
    count.value = shown + " of " + probes.length + " probes";
  };

  for (const control of [category, flag, text]) {
    control.addEventListener("input", apply);
    control.addEventListener("change", apply);
  }
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
