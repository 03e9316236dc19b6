package asyncio.tls;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// As much of DER as it takes to put keys of older forms into PKCS#8.
///
/// Threads: any thread.
final class Der {
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int CURVE = 0xa0; // the field of an EC key that names its curve
    private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private Der() {}

    /// A PKCS#1 key in PKCS#8.
    static byte[] pkcs8OfRsa(byte[] pkcs1) {
        return value(SEQUENCE, VERSION_0, RSA, value(OCTET_STRING, pkcs1));
    }

    /// A SEC 1 key in PKCS#8.
    static byte[] pkcs8OfEc(byte[] sec1, byte[] curve) {
        return value(SEQUENCE, VERSION_0, value(SEQUENCE, EC, curve), value(OCTET_STRING, sec1));
    }

    /// The curve that a SEC 1 key names; null if it names none, or is damaged.
    static byte @Nullable [] curveOfSec1(byte[] sec1) {
        try {
            ByteBuffer fields = ByteBuffer.wrap(sec1);
            fields.get();
            length(fields);
            while (fields.hasRemaining()) {
                int tag = Byte.toUnsignedInt(fields.get());
                int length = length(fields);
                if (tag == CURVE) {
                    byte[] curve = new byte[Math.min(length, fields.remaining())];
                    fields.get(curve);
                    return curve;
                }
                fields.position(fields.position() + length);
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
        return null;
    }

    private static int length(ByteBuffer der) {
        int first = Byte.toUnsignedInt(der.get());
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | Byte.toUnsignedInt(der.get());
        }
        return length;
    }

    private static byte[] value(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
