/** The variable that names the binary caches that a builder copies packages into, with spaces between them. */
export const pushToVariable = 'NIXIMAGE_PUSH_TO';
