// The share as a slider beside its number; the button says to how many it goes.
const number = document.querySelector("#share");
const slider = document.querySelector("[data-share]");
const button = document.querySelector("[data-publish]");

const say = () => {
  button.textContent = number.value === "100" ? "Publish to all accounts" : `Publish to ${number.value} %`;
};

if (number && slider && button) {
  slider.hidden = false;
  slider.addEventListener("input", () => { number.value = slider.value; say(); });
  number.addEventListener("input", () => { slider.value = number.value; say(); });
  say();
}
