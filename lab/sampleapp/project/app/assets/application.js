document.addEventListener("DOMContentLoaded", () => console.log("lab"));
