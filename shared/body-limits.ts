/** How large a JSON request may be. The function measures it before it parses, because parsing is what costs. */

/**
 * The most bytes of a request. The longest valid one has 786,460: 65,536 code points of two escapes each, such as
 * `\ud83c\udf89`. The rest is for white space and other members. An asynchronous event has the same limit on AWS.
 */
export const maxBytes = 1_048_576;

/**
 * The most bytes outside strings. Memory and time follow them: 1 MB of nested arrays takes 216 MB and 0.4 s of a
 * processor, 1 MB in one string takes 1 ms.
 */
export const maxBytesOutsideStrings = 65_536;

/** Both limits in words, as problems and errors state them. */
export const limitsInWords = 'at most 1,048,576 bytes, at most 65,536 of them outside strings';
