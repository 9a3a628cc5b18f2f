/**
 * jcstress tests of the publication and wake-up protocols, each with a broken twin that must fail.
 */
package dev.jenny.verify;
