/**
 * What to write into the manifest so that nixpkgs takes a package that it refuses, by its own words for why it does
 * (pkgs/stdenv/generic/check-meta.nix); undefined where no setting helps.
 */
export function allowingSetting(text: string): string | undefined {
  const whole = /[Pp]ackage [‘'"]([^’'"]+)[’'"]/.exec(text)?.[1];
  if (whole === undefined) return undefined;
  const reason = reasons.find(({ pattern }) => pattern.test(text));
  return reason === undefined ? undefined : `data.nixpkgsConfig: {${reason.setting(whole)}}`;
}

const reasons: readonly { readonly pattern: RegExp; readonly setting: (whole: string) => string }[] = [
  { pattern: /unfree license/, setting: (whole) => `allowUnfreePackages: [${nameOf(whole)}]` },
  { pattern: /insecure|known vulnerabilit/, setting: (whole) => `permittedInsecurePackages: [${whole}]` },
  { pattern: /broken/, setting: () => 'allowBroken: true' },
  { pattern: /not available on the requested hostPlatform/, setting: () => 'allowUnsupportedSystem: true' },
];

/** A package's name without its version, as Nix itself parts them: before the first dash that no letter follows. */
function nameOf(whole: string): string {
  return /^(.*?)-(?![A-Za-z])/.exec(whole)?.[1] ?? whole;
}
