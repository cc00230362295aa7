/** What the page does in the browser: takes what the server sends, and shows how far an upload is. */

export const SCRIPT = `
const byId = (id) => document.getElementById(id);
const live = byId('live');
const events = new EventSource('/events');
events.addEventListener('connection', (event) => {
  for (const [id, html] of Object.entries(JSON.parse(event.data))) byId(id).innerHTML = html;
  live.textContent = 'Live: each second the server says what it sees on the connection that carries its events.';
  document.documentElement.dataset.events = Number(document.documentElement.dataset.events ?? 0) + 1;
});
events.addEventListener('bye', () => {
  events.close();
  live.textContent = 'The server has stopped and closed the connection in order. This is what it saw last.';
});
events.addEventListener('error', () => {
  live.textContent = 'The connection is lost; trying again. This is what the server saw last.';
});
addEventListener('pagehide', () => events.close());

document.forms.upload.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target, said = form.querySelector('output'), bar = form.querySelector('progress');
  const file = form.file.files[0];
  if (!file) { said.textContent = 'Choose a file first.'; return }
  const upload = new XMLHttpRequest();
  const startMs = performance.now();
  bar.hidden = false;
  upload.upload.onprogress = ({ loaded, total }) => {
    bar.max = total; bar.value = loaded;
    const rate = loaded / (performance.now() - startMs) / 1000;
    said.textContent = loaded.toLocaleString() + ' of ' + total.toLocaleString() + ' bytes, ' + rate.toFixed(1) + ' MB/s';
  };
  upload.onload = () => { said.textContent = upload.status === 200 ? 'SHA-256 ' + upload.responseText : upload.responseText };
  upload.onerror = () => { said.textContent = 'The upload failed.' };
  upload.onloadend = () => { bar.hidden = true };
  upload.open('POST', '/upload');
  upload.send(file);
});
`;
