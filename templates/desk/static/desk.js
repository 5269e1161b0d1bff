"use strict";
// The few things that a page of the desk (工作台) needs a script for: files that are dropped, and a question before the end.

// The library comes after the first paint.
const library = new Promise(loaded => requestAnimationFrame(() => setTimeout(() => {
  const script = document.createElement("script");
  script.src = "/static/htmx.min.js";
  script.onload = () => loaded(window.htmx);
  document.head.append(script);
})));

const token = document.querySelector("meta[name=gknb-token]").content;
const AT_ONCE = 4, SHOWN = 200, MB = 1024 * 1024;

async function filesOf(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((take, fail) => entry.file(take, fail));
    return [{ file, name: path + file.name }];
  }
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((take, fail) => reader.readEntries(take, fail));
    if (!some.length) return found;
    for (const one of some) found.push(...await filesOf(one, path + entry.name + "/"));
  }
}

async function dropped(transfer) {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map(file => ({ file, name: file.name }));
  const found = [];
  for (const entry of entries) found.push(...await filesOf(entry, ""));
  return found;
}

async function send(url, limit, { file, name }) {
  if (file.size > limit * MB) return { fate: "refused", words: `${name}：超过 ${limit} MB，没有收。请拆小了再放。` };
  const headers = { "X-Gknb-Token": token, "X-Gknb-Script": "1", "X-Gknb-Name": encodeURIComponent(name), "X-Gknb-Time": String(file.lastModified || "") };
  try {
    const answer = await fetch(url, { method: "POST", body: file, headers });
    const said = await answer.json();
    return answer.ok ? said : { fate: "refused", words: `${name}：${said.words}` };
  } catch {
    return { fate: "refused", words: `${name}：没有送到。请看看工作台是不是还开着、磁盘满没满，再放一次。` };
  }
}

function show(list, said) {
  const line = document.createElement("li");
  line.textContent = said.words;
  if (said.fate === "refused") line.className = "refused";
  if (said.fate === "refused") list.prepend(line); else if (list.children.length < SHOWN) list.append(line);
}

async function take(zone, files) {
  const said = zone.querySelector(".drop-said"), list = zone.querySelector(".drop-list");
  list.replaceChildren();
  const counts = { taken: 0, known: 0, refused: 0 };
  const then = zone.dataset.then;
  let next = 0, follow = "";
  async function work() {
    while (next < files.length) {
      const answer = await send(zone.dataset.drop, Number(zone.dataset.limit), files[next++]);
      counts[answer.fate]++;
      follow = answer.then || follow;
      show(list, answer);
      said.textContent = `正在收 ${counts.taken + counts.known + counts.refused}/${files.length}`;
    }
  }
  zone.setAttribute("aria-busy", "true");
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  zone.removeAttribute("aria-busy");
  const known = counts.known ? `，已经在了的 ${counts.known} 个` : "", refused = counts.refused ? `，没有收的 ${counts.refused} 个` : "";
  said.textContent = files.length ? `收下 ${counts.taken} 个${known}${refused}。` : "里面没有文件。";
  if (follow) { location.assign(follow); return; }
  if (!counts.taken) return;
  if (then) await begin(then);
  else setTimeout(() => location.reload(), 700);
}

async function begin(url) {
  const answer = await fetch(url, { method: "POST", headers: { "X-Gknb-Token": token, "X-Gknb-Script": "1" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const panel = page.getElementById("run");
  if (!panel) { location.reload(); return; }
  const old = document.getElementById("run");
  old.replaceWith(panel);
  (await library).process(panel);
}

for (const zone of document.querySelectorAll("[data-drop]")) {
  for (const input of zone.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const files = [...input.files].map(file => ({ file, name: file.webkitRelativePath || file.name }));
      input.value = "";
      take(zone, files);
    });
  }
  zone.addEventListener("dragover", event => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async event => {
    event.preventDefault();
    zone.classList.remove("over");
    take(zone, await dropped(event.dataTransfer));
  });
}
// A file that misses the place would otherwise replace the page.
for (const name of ["dragover", "drop"]) addEventListener(name, event => event.preventDefault());

document.addEventListener("submit", event => {
  const question = event.submitter && event.submitter.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
});
document.addEventListener("click", event => {
  const back = event.target.closest("[data-back]");
  if (back && history.length > 1) { event.preventDefault(); history.back(); }
});
document.addEventListener("click", async event => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try { await navigator.clipboard.writeText(button.dataset.copy); button.textContent = "已复制"; } catch { button.textContent = "请选中文字复制"; }
});
document.addEventListener("run-ended", () => {
  const follow = document.querySelector("[data-follow]");
  if (follow) location.assign(follow.dataset.follow);
});
