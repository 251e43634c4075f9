/**
 * Nix of a machine that was not set up for it: no users of its own to build as, no sandbox, and nothing asked of a cache,
 * for what the tests build is in none.
 */
export const nixConfig = ['substituters =', 'build-users-group =', 'sandbox = false'].join('\n');
