// Waiting with a deadline, for what tells nobody that it happened (a file, a process that is gone). Whatever has an
// event is awaited by its event, through withDeadline.

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what what is awaited, for the failure's message
 * @returns {Promise<T>}
 */
export async function withDeadline(promise, what, milliseconds = 20_000) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The first true answer of `check`, asked again every 20 ms.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} check
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, check, milliseconds = 20_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
