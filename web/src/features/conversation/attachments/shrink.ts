// A picture that is larger than an agent sees well, or than the server takes, is made smaller here: never refused for its size.

/** In pixels; what models look at is smaller. */
const longestEdge = 2000;
/** In bytes; what the server takes. */
const mostBytes = 3_750_000;

const shrinkable = ["image/png", "image/jpeg", "image/webp"];

/** A picture as it is, or a smaller one of it. What is no picture that a browser can draw is as it is. */
export async function shrunk(file: Blob): Promise<Blob> {
  if (!shrinkable.includes(file.type)) return file;
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return file;
  }
  const scale = Math.min(1, longestEdge / Math.max(picture.width, picture.height));
  if (scale === 1 && file.size <= mostBytes) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const drawn = (type: string) =>
    new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, type, 0.85);
    });
  const same = await drawn(file.type);
  if (same && same.size <= mostBytes) return same;
  return (await drawn("image/jpeg")) ?? file;
}
