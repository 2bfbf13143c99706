// What an address is for a person, read as the browser reads it that would go there: every spelling
// of a host (decimal, octal, hex, punycode, full-width) has become one by then.

/** @returns {URL | undefined} the address, if a browser opens it elsewhere without harm */
export function webAddress(address) {
  try {
    const url = new URL(address);
    // `https:a.b` is a path of a page that has this scheme itself.
    if (new URL(address, `${url.protocol}//page.invalid`).href !== url.href) return undefined;
    return /^(?:https?|mailto):$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

// Names that no public server has: RFC 6761, 6762, 8375, 9476, and what routers and firms use.
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa|test)$/;

/** Whether a host (`URL.hostname`) is this computer or one of a private network. */
export function isPrivateHost(hostname) {
  const name = hostname.replace(/\.+$/, "");
  if (name.startsWith("[")) return !isPublicIPv6(name.slice(1, -1));
  if (/^[\d.]+$/.test(name)) return !isPublicIPv4(name.split(".").map(Number));
  // A name of one word is looked up in the own network.
  return !name.includes(".") || PRIVATE_NAME.test(name);
}

// https://www.iana.org/assignments/iana-ipv4-special-registry
function isPublicIPv4([a, b, c]) {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return b < 64 || b > 127;
  if (a === 169) return b !== 254;
  if (a === 172) return b < 16 || b > 31;
  if (a === 192) return b !== 168 && !(b === 0 && c === 0);
  return a !== 198 || (b !== 18 && b !== 19);
}

// Public ones are all of 2000::/3 but for Teredo and 6to4, which hold addresses of IPv4, as several
// kinds outside of it do. https://www.iana.org/assignments/iana-ipv6-special-registry
function isPublicIPv6(address) {
  const [first, second] = address.split(":").map((group) => parseInt(group || "0", 16));
  return first >= 0x2000 && first < 0x4000 && first !== 0x2002 && !(first === 0x2001 && second === 0);
}
