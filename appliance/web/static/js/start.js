// "Test my connection" asks the very address that programs use, and says how long that took.

const button = document.getElementById("test-button");
const result = document.getElementById("test-result");

async function test() {
  const began = performance.now();
  try {
    const answer = await fetch("/v1/me", { credentials: "same-origin" });
    const body = await answer.json();
    const took = Math.round(performance.now() - began);
    result.textContent = answer.ok
      ? `It works, in ${took} ms: the box knows you as ${body.person}, by the key ${body.key.name}; you may use ${body.models.length} models.`
      : body.error.message;
  } catch {
    result.textContent = "The box did not answer. Are you still on its network?";
  }
}

button?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  test();
});
