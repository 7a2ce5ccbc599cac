// A click into a waveform, or on a line, plays the call from there.
for (const call of document.querySelectorAll("section.call")) {
  const audio = call.querySelector("audio");
  const svg = call.querySelector("svg");
  if (!audio || !svg) continue;
  const length = Number(svg.dataset.seconds);
  const now = svg.querySelector(".now");
  const playFrom = (seconds) => {
    audio.currentTime = seconds;
    audio.play();
  };
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    playFrom(((event.clientX - box.left) / box.width) * length);
  });
  for (const line of call.querySelectorAll("[data-from]")) {
    line.addEventListener("click", () => playFrom(Number(line.dataset.from)));
  }
  audio.addEventListener("timeupdate", () => {
    const x = (audio.currentTime / length) * svg.viewBox.baseVal.width;
    now.setAttribute("x1", x);
    now.setAttribute("x2", x);
  });
}
const only = document.querySelector("#failures");
only?.addEventListener("change", () => document.body.classList.toggle("failures", only.checked));
