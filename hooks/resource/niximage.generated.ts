/* Made from the CRD by `npm run generate`. Do not edit. */

/**
 * A container image made of Nix packages.
 */
export interface NixImageResource {
  apiVersion?: string;
  kind?: string;
  metadata?: {};
  /**
   * What the image holds.
   */
  data: {
    /**
     * The tag that the image is served under.
     */
    tag?: string;
    /**
     * The packages, each an attribute path of nixpkgs as Nix writes it: `curl`, `python3Packages.requests`, `curl.dev`, `"my.pkg"`; or one of a flake: `github:owner/repo#pkg`.
     */
    contents?: string[];
    /**
     * Interpreters and compilers with packages of their own, such as `python3` with `requests`. They come after `contents`.
     */
    withPackages?: {
      /**
       * `python3`, `perl`, `ghc`, `rWrapper`, `php`, `terraform`, `emacs.pkgs`.
       */
      package: string;
      /**
       * Attribute paths in the package set that belongs to it.
       */
      packages: string[];
    }[];
    /**
     * Which files of `contents` and `withPackages` the image's root has links to: arguments of nixpkgs' `buildEnv`, through which they are put where this stands.
     */
    buildEnv?: {
      /**
       * The folders that are linked: `/bin`. nixpkgs' default is all of them.
       */
      pathsToLink?: string[];
      /**
       * Whether the first of two files of one name is taken. nixpkgs' default is `false`: it is an error.
       */
      ignoreCollisions?: boolean;
      /**
       * Whether two files of one name may be where they are the same. nixpkgs' default is `true`.
       */
      checkCollisionContents?: boolean;
      /**
       * Whether packages that are one file are passed over. nixpkgs' default is `false`.
       */
      ignoreSingleFileOutputs?: boolean;
      /**
       * Further outputs of all packages that have them: `man`, `dev`.
       */
      extraOutputsToInstall?: string[];
      /**
       * The folder of the image that all of it is put into: `/opt/tools`.
       */
      extraPrefix?: string;
      /**
       * Whether what packages need is linked as well. nixpkgs' default is `false`.
       */
      includeClosures?: boolean;
    };
    /**
     * How a container of the image starts, in the words of the OCI image configuration.
     */
    config?: {
      /**
       * The program that always runs, with its first arguments.
       */
      entrypoint?: string[];
      /**
       * The arguments of the entrypoint, or the program where there is no entrypoint. By default a shell, where `contents` holds one and there is no entrypoint.
       */
      cmd?: string[];
      /**
       * Environment variables.
       */
      env?: {
        name: string;
        value: string;
      }[];
      /**
       * The folder that programs start in.
       */
      workingDir?: string;
      /**
       * The user that programs run as, a name or a number, with `:group` where needed.
       */
      user?: number | string;
      /**
       * Ports that programs listen on: `8080`, `8080/tcp`, `53/udp`.
       */
      exposedPorts?: (number | string)[];
      /**
       * Labels of the image.
       */
      labels?: {
        [k: string]: string;
      };
      /**
       * The signal that ends programs, such as `SIGTERM` or `15`.
       */
      stopSignal?: string;
      /**
       * Folders that are meant for data.
       */
      volumes?: string[];
    };
    /**
     * Most layers that the image has. nixpkgs' default is 100.
     */
    maxLayers?: number;
    /**
     * How store paths are put into layers, in nixpkgs' words; `{package: curl}` stands for the path of a package.
     */
    layeringPipeline?: unknown[][];
    /**
     * Packages whose paths are left out of the image, though others need them.
     */
    extraExcludePaths?: string[];
    /**
     * Whether nixpkgs tells in the log how it makes layers. nixpkgs' default is `false`.
     */
    debug?: boolean;
    /**
     * A user that the image has and programs run as, with a home of its own: `user: {name: web}`.
     */
    user?: {
      name: string;
      /**
       * 1000 where it is left out.
       */
      uid?: number;
      /**
       * The uid where it is left out.
       */
      gid?: number;
      /**
       * `/home/<name>` where it is left out.
       */
      home?: string;
    };
    /**
     * Files of the image whose text stands in the manifest or in a ConfigMap.
     */
    files?: {
      /**
       * The ConfigMap of this namespace that holds the text under `key`, or without a key, several files, for which `path` is a folder.
       */
      configMap?: {
        name: string;
        key?: string;
      };
      /**
       * Where the file is in the image; an absolute path.
       */
      path: string;
      text?: string;
      executable?: boolean;
    }[];
    /**
     * The language of programs, such as `de_DE.UTF-8`; `C.UTF-8` needs no package.
     */
    locale?: string;
    /**
     * The time zone of programs, such as `Europe/Berlin`.
     */
    timeZone?: string;
    /**
     * The image that this one is laid upon: an attribute path of a docker-archive, or what nixpkgs' `dockerTools.pullImage` is given.
     */
    fromImage?: {
      attribute?: string;
      imageName?: string;
      imageDigest?: string;
      /**
       * The hash of the archive that nixpkgs makes of it.
       */
      hash?: string;
      /**
       * The architecture, where the image has several.
       */
      arch?: string;
      /**
       * `false` for a registry without TLS.
       */
      tlsVerify?: boolean;
    };
    /**
     * When the image says it was made, or `now`. nixpkgs' default is `1970-01-01T00:00:01Z`.
     */
    created?: string;
    /**
     * The time of each file, or `now`. nixpkgs' default is `1970-01-01T00:00:01Z`.
     */
    mtime?: string;
    /**
     * The owner of each file. nixpkgs' default is 0.
     */
    uid?: number;
    /**
     * The group of each file. nixpkgs' default is 0.
     */
    gid?: number;
    /**
     * The name of the owner. nixpkgs' default is `root`.
     */
    uname?: string;
    /**
     * The name of the group. nixpkgs' default is `root`.
     */
    gname?: string;
    /**
     * The architecture that the image says it is for. nixpkgs' default is that of the packages.
     */
    architecture?: string;
    /**
     * A shell script that changes the image's root folder, in which it is run.
     */
    extraCommands?: string;
    /**
     * The same as root under fakeroot, so that it can change owners and make devices.
     */
    fakeRootCommands?: string;
    /**
     * Whether `fakeRootCommands` sees the image as `/`. nixpkgs' default is `false`.
     */
    enableFakechroot?: boolean;
    /**
     * `false` leaves the packages out and keeps the links to them, for a machine whose Nix store is mounted. nixpkgs' default is `true`.
     */
    includeStorePaths?: boolean;
    /**
     * Whether the image has Nix's database of its packages. nixpkgs' default is `false`.
     */
    includeNixDB?: boolean;
    /**
     * How the archive is compressed that `nix-build` makes of the expression: `gz` by default. The layers that the registry serves are compressed by the builder, whatever stands here.
     */
    compressor?: 'none' | 'gz' | 'zstd';
    /**
     * nixpkgs' `config`: what is allowed, and how packages are built. Other settings than those named here go through as they are.
     */
    nixpkgsConfig?: {
      /**
       * Whether packages may be used that are not free.
       */
      allowUnfree?: boolean;
      /**
       * The names of packages that are not free and may be used nevertheless.
       */
      allowUnfreePackages?: string[];
      /**
       * The names and versions of packages with known vulnerabilities that may be used.
       */
      permittedInsecurePackages?: string[];
      /**
       * Whether packages are built with CUDA.
       */
      cudaSupport?: boolean;
      [k: string]: unknown;
    };
    /**
     * Nix code from elsewhere, by the names that it has in NIX_PATH: `nixpkgs` for the package set itself. Contents name packages of the others: `mytools.cli`.
     */
    sources?: {
      name: string;
      git?: {
        url: string;
        /**
         * The commit.
         */
        rev?: string;
        /**
         * A branch or tag; what the repository calls HEAD where it is left out.
         */
        ref?: string;
        submodules?: boolean;
      };
      tarball?: {
        url: string;
        /**
         * The hash of the unpacked folder, as Nix says it.
         */
        hash?: string;
      };
      /**
       * A channel of NixOS, such as `nixos-25.11`.
       */
      channel?: string;
      /**
       * A flake reference, such as `github:owner/repo`; its lock file holds.
       */
      flake?: string;
      /**
       * A ConfigMap of this namespace; each of its texts is a file of the folder.
       */
      configMap?: {
        name: string;
      };
      /**
       * The files of a folder, whose texts stand in the manifest.
       */
      files?: {
        /**
         * Where the file is in the folder.
         */
        path: string;
        text: string;
      }[];
      /**
       * A folder on a volume that the operator lends to builders.
       */
      volume?: {
        /**
         * What the operator calls the volume.
         */
        name: string;
        /**
         * The folder on the volume; all of it where it is left out.
         */
        path?: string;
      };
    }[];
    /**
     * Changes to the package set, in the order in which they are laid upon it.
     */
    overlays?: {
      /**
       * The overlay itself: `final: prev: { ... }`.
       */
      inline?: string;
      /**
       * The ConfigMap of this namespace that holds it, and under which key.
       */
      configMap?: {
        name: string;
        key: string;
      };
      /**
       * The name of the source that holds it.
       */
      source?: string;
      /**
       * The file in the source; `default.nix` where it is left out.
       */
      path?: string;
    }[];
    /**
     * A Nix expression of the image, for those who outgrow the list of packages.
     */
    expression?: {
      /**
       * The expression: an image, or a function of `{ pkgs }` that gives one.
       */
      inline?: string;
      /**
       * The ConfigMap of this namespace that holds it, and under which key.
       */
      configMap?: {
        name: string;
        key: string;
      };
      /**
       * The name of the source that holds it.
       */
      source?: string;
      /**
       * The file in the source; `default.nix` where it is left out.
       */
      path?: string;
    };
    /**
     * How the layers that the registry serves are compressed: `zstd` (the default), `gzip` or `none`, with a level after a colon where wanted: `zstd:19`.
     */
    compression?: string;
    /**
     * `docker` for clients from before OCI; `oci` is the default.
     */
    mediaTypes?: 'oci' | 'docker';
    /**
     * `true` starts no build and ends the one that runs; what is served stays.
     */
    suspend?: boolean;
    /**
     * `Immutable` refuses other contents under a tag that is served already; `Mutable` is the default.
     */
    tagPolicy?: 'Mutable' | 'Immutable';
    /**
     * Where Nix takes finished packages from. A change of it builds nothing again.
     */
    nix?: {
      /**
       * Binary caches beside those of the cluster, asked in this order.
       */
      substituters?: string[];
      /**
       * The keys by which what they hold must be signed.
       */
      trustedPublicKeys?: string[];
      /**
       * A PersistentVolumeClaim of this namespace that keeps `/nix` from one build to the next; without it each build begins with an empty one.
       */
      claim?: string;
      /**
       * Binary caches that the packages of the image are copied into, signed with the key of `secrets.signingKey`. A cache that takes none does not keep the image from being built.
       */
      pushTo?: string[];
      /**
       * Machines that build over SSH, in place of those of the operator; `secrets.ssh` has the key for them.
       */
      builders?: {
        /**
         * A store that Nix reaches over SSH: `ssh://builder@build.example`.
         */
        uri: string;
        /**
         * What it builds for; the system of the builder's Pod where absent.
         */
        systems?: string[];
        /**
         * How many builds it runs at once.
         */
        maxJobs?: number;
        /**
         * How much quicker it is than a machine of factor 1.
         */
        speedFactor?: number;
        /**
         * What it can do that packages ask for, such as `kvm` or `big-parallel`.
         */
        supportedFeatures?: string[];
        /**
         * What a package must ask for to be built there.
         */
        mandatoryFeatures?: string[];
      }[];
    };
    /**
     * Names of Secrets of this namespace that the builder's Pod mounts, to fetch with. What they hold stands in no log and no status.
     */
    secrets?: {
      /**
       * Its key `netrc` holds names and passwords by host, as curl reads them.
       */
      netrc?: string;
      /**
       * Its keys are `ssh-privatekey` and `known_hosts`.
       */
      ssh?: string;
      /**
       * Its key `secret-key` is what packages are signed with that `nix.pushTo` copies.
       */
      signingKey?: string;
      /**
       * Its key `access-tokens` holds what Nix calls so: `github.com=...`.
       */
      accessTokens?: string;
    };
    /**
     * How the builder's Pod is made. A change of it builds nothing again, unless the build failed. The operator's defaults hold for what is left out.
     */
    pod?: {
      /**
       * The CPU that the builder asks for.
       */
      cpu?: number | string;
      /**
       * The memory that the builder asks for and is held to.
       */
      memory?: string;
      /**
       * The room for /nix and /tmp.
       */
      storage?: string;
      /**
       * Seconds that a build may take.
       */
      timeout?: number;
      /**
       * How often a build is tried whose failure may pass. 3 where it is left out.
       */
      attempts?: number;
      nodeSelector?: {
        [k: string]: string;
      };
      tolerations?: {
        key?: string;
        operator?: 'Exists' | 'Equal';
        value?: string;
        effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
        tolerationSeconds?: number;
      }[];
      /**
       * As a Pod has it.
       */
      affinity?: {};
      priorityClassName?: string;
      runtimeClassName?: string;
      serviceAccountName?: string;
      /**
       * Names of secrets by which the builder's own image is pulled.
       */
      imagePullSecrets?: string[];
      labels?: {
        [k: string]: string;
      };
      annotations?: {
        [k: string]: string;
      };
    };
    /**
     * Whether the image gets what most programs expect: /tmp, CA certificates, /etc/passwd and /etc/group, /usr/bin/env, and a shell as its command.
     */
    defaults?: boolean;
  };
  /**
   * What became of it.
   */
  status?: {
    /**
     * The generation of the object that this status tells of.
     */
    observedGeneration?: number;
    state?: 'BuildPending' | 'Building' | 'Built' | 'Failed';
    /**
     * The tag that is built, or was built last.
     */
    version?: string;
    /**
     * The image by its tag, as a Pod names it.
     */
    image?: string;
    /**
     * The image by its digest. While a changed image is built, this is still the last one.
     */
    imageRef?: string;
    /**
     * The manifest's digest.
     */
    digest?: string;
    /**
     * Bytes that a client downloads.
     */
    size?: number;
    /**
     * `demo` where the packages are not those of nixpkgs.
     */
    packageSet?: string;
    /**
     * What each of `data.sources` was when the image was built. It stays until the manifest changes.
     */
    sources?: {
      name: string;
      /**
       * Where the package set comes from, where the operator says it and not the manifest; known from the build's beginning.
       */
      url?: string;
      /**
       * The commit, where there is one.
       */
      rev?: string;
      /**
       * The hash of the folder, as Nix says it.
       */
      narHash?: string;
    }[];
    /**
     * The last build.
     */
    build?: {
      /**
       * SHA-256 of all that the image is made from.
       */
      inputHash?: string;
      /**
       * Counts the builds of this object.
       */
      ordinal?: number;
      /**
       * Counts the Pods that tried this build.
       */
      attempt?: number;
      /**
       * The Pod that builds, or built.
       */
      pod?: string;
      startedAt?: string;
      finishedAt?: string;
    };
    /**
     * Where the build stands among those that wait, where it waits for its turn.
     */
    queue?: {
      /**
       * Since when it waits.
       */
      since?: string;
      /**
       * 1 for the next.
       */
      position?: number;
      /**
       * How many wait.
       */
      of?: number;
    };
    /**
     * Why the last build failed.
     */
    failure?: {
      reason?: string;
      /**
       * What was wrong, where, and what to do.
       */
      message?: string;
      /**
       * The entry of `data.contents` that failed.
       */
      attribute?: string;
      /**
       * The last lines of the log.
       */
      logTail?: string;
    };
    /**
     * The command that prints the build's log.
     */
    logs?: string;
    conditions?: {
      type: string;
      status: 'True' | 'False' | 'Unknown';
      reason: string;
      message: string;
      observedGeneration?: number;
      lastTransitionTime: string;
    }[];
  };
}
