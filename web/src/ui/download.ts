/** Has the browser keep what the server gives there, under the name that the server gives it. */
export function download(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}
