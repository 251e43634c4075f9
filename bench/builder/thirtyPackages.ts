/** What makes a build a new one: for a seed that was not used before, Nix has built nothing. */
export interface Seeds {
  /** Stands in the image's configuration only. */
  readonly image: string;
  /** Stands in one package of the thirty. */
  readonly changed: string;
}

/** Stands in the name of everything in the Nix store that is made for this. */
export const benchName = 'niximage-bench';

/** All packages of the offline set that hold programs. */
const real = [
  ...['bash', 'busybox', 'cacert', 'coreutils', 'curl', 'git'],
  ...['gnugrep', 'gnused', 'hello', 'jq', 'nginx', 'python3'],
];
const made = 30 - real.length;

/** An image of thirty packages, some 180 MB: those of the offline set, and 5 MB cut from programs for each other. */
export function thirtyPackages({ image, changed }: Seeds): string {
  const seeds = Array.from({ length: made }, (_, index) => (index === 7 ? changed : 'same'));
  return `{ pkgs ? import <nixpkgs> { } }:
let
  cut = number: seed: pkgs.runCommand "${benchName}-\${toString number}" { inherit seed; } ''
    mkdir -p $out/share/\${toString number}
    cat \${pkgs.python3}/bin/python3.11 \${pkgs.git}/bin/git \${pkgs.python3}/bin/python3.11 > all
    dd if=all of=$out/share/\${toString number}/data bs=250k skip=\${toString number} count=20 status=none
    echo $seed > $out/share/\${toString number}/seed
  '';
in
pkgs.dockerTools.buildLayeredImage {
  name = "${benchName}";
  tag = "v1";
  contents = with pkgs; [ ${real.join(' ')} ${seeds.map((seed, index) => `(cut ${index} "${seed}")`).join(' ')} ];
  config.Labels.run = "${image}";
}
`;
}
