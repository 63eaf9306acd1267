// Draws each <div data-chart="name"> from the JSON that the page carries.
"use strict";
const specs = JSON.parse(document.getElementById("charts").textContent);
for (const place of document.querySelectorAll("[data-chart]")) {
  const spec = specs[place.dataset.chart];
  if (spec) {
    place.textContent = "";
    Plotly.newPlot(place, spec.data, spec.layout, { displayModeBar: false, responsive: true });
  }
}
