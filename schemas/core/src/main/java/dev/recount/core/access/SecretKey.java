package dev.recount.core.access;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key as its owner holds it: a name that finds it in the catalog, and a secret, of which the
 * catalog has a hash only. The secret is random and long, so that it cannot be guessed from the
 * hash.
 *
 * @param id finds the key in the catalog, and is no secret
 */
public record SecretKey(String id, String secret) {
  private static final String PREFIX = "rk_";
  private static final Pattern FORM =
      Pattern.compile(PREFIX + "([0-9a-f]{12})_([A-Za-z0-9_-]{43})");
  private static final int ID_BYTES = 6;
  private static final int SECRET_BYTES = 32;
  private static final String PROOF = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new one. */
  public static SecretKey random() {
    byte[] id = new byte[ID_BYTES];
    RANDOM.nextBytes(id);
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    return new SecretKey(
        HexFormat.of().formatHex(id),
        Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
  }

  /** Reads what {@link #text} made; empty if it is something else. */
  public static Optional<SecretKey> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new SecretKey(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** The whole key, which is shown once and stored nowhere. */
  public String text() {
    return PREFIX + id + "_" + secret;
  }

  /** What is stored of the secret. */
  public String hash() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What only somebody who has the key can say to a text that was not said before. It does not tell
   * the key.
   *
   * @param port where it is said: what is heard at one port proves nothing at another
   */
  public String proof(String challenge, int port) {
    try {
      Mac mac = Mac.getInstance(PROOF);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), PROOF));
      String said = "recount " + port + " " + challenge;
      return HexFormat.of().formatHex(mac.doFinal(said.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a stored hash is that of this secret; takes as long wherever they differ. */
  public boolean matches(String storedHash) {
    return MessageDigest.isEqual(
        hash().getBytes(StandardCharsets.US_ASCII), storedHash.getBytes(StandardCharsets.US_ASCII));
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return PREFIX + id + "_[REDACTED]";
  }
}
