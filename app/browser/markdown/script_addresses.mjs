// Addresses of our own scripts for workers. The policy asks for this wherever a string becomes one.

const OWN = /^[a-z_]+\.mjs$/;

const address = (name) => {
  if (!OWN.test(name)) throw new TypeError(`${name} is no script of ours`);
  return new URL(name, import.meta.url).href;
};

const policy = globalThis.trustedTypes?.createPolicy("workers", { createScriptURL: address });

/** @param {string} name of a module beside this one */
export const scriptAddress = (name) => policy?.createScriptURL(name) ?? address(name);
