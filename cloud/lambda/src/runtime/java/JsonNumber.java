package slam.lambda;

import java.math.BigDecimal;
import java.math.BigInteger;

/** A number as it stands in JSON: which Java type it becomes, its target says. */
final class JsonNumber {
    private final String text;
    private final BigDecimal value;

    JsonNumber(String text) {
        this.text = text;
        value = new BigDecimal(text);
    }

    BigDecimal decimal() {
        return value;
    }

    boolean isWhole() {
        return text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0;
    }

    /** The smallest type that holds it, as where the target is Object. */
    Number natural() {
        if (!isWhole()) {
            return Double.valueOf(text);
        }
        BigInteger whole = value.toBigInteger();
        if (whole.bitLength() < Integer.SIZE) {
            return whole.intValue();
        }
        return whole.bitLength() < Long.SIZE ? (Number) whole.longValue() : whole;
    }

    @Override
    public String toString() {
        return text;
    }
}
