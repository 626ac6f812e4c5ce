using System.Buffers.Binary;

namespace Microtome.Imaging.Tests;

/// <summary>The smallest ICC profile that format libraries accept: a header and an empty table of tags.</summary>
internal static class TinyProfile
{
    public static byte[] Make()
    {
        byte[] icc = new byte[132];
        BinaryPrimitives.WriteUInt32BigEndian(icc, 132);
        BinaryPrimitives.WriteUInt32BigEndian(icc.AsSpan(8), 0x02400000);
        "mntrRGB XYZ "u8.CopyTo(icc.AsSpan(12));
        "acsp"u8.CopyTo(icc.AsSpan(36));
        BinaryPrimitives.WriteUInt32BigEndian(icc.AsSpan(68), 0x0000f6d6);
        BinaryPrimitives.WriteUInt32BigEndian(icc.AsSpan(72), 0x00010000);
        BinaryPrimitives.WriteUInt32BigEndian(icc.AsSpan(76), 0x0000d32d);
        return icc;
    }
}
