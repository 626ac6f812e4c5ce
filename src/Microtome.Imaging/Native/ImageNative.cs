using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>The functions of native/image/microtome_image.h, with their C names.</summary>
internal static unsafe partial class ImageNative
{
    private const string Lib = NativeLibraries.Image;

    [StructLayout(LayoutKind.Sequential)]
    internal struct Info
    {
        public int Width;
        public int Height;
        public int Bands;
        public SampleType Sample;
        public int Pages;
        public int SubIfds;
        public int HasIcc;
        public int Reserved;
        public double PixelsPerMmX;
        public double PixelsPerMmY;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct WriteOptions
    {
        public int Quality;
        public int Compression;
        public int Tile;
        public int Reserved;
        public int BigTiff;
        public int Overlap;
        public double PixelsPerMmX;
        public double PixelsPerMmY;
        public byte* Icc;
        public nuint IccSize;
        public byte* Description;
    }

    internal enum SampleType
    {
        UInt8 = 0,
        UInt16 = 1,
        Int32 = 2,
        Float = 3,
        Other = 4,
    }

    [LibraryImport(Lib)]
    internal static partial int mti_start();

    [LibraryImport(Lib)]
    internal static partial IntPtr mti_version();

    [LibraryImport(Lib)]
    internal static partial IntPtr mti_last_error();

    [LibraryImport(Lib)]
    internal static partial long mti_live_images();

    [LibraryImport(Lib)]
    internal static partial void mti_set_threads(int threads);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial VipsHandle mti_open(string path, int page, int subifd);

    [LibraryImport(Lib)]
    internal static partial VipsHandle mti_open_memory(byte* bytes, nuint size);

    [LibraryImport(Lib)]
    internal static partial VipsHandle mti_from_callback(int width, int height, int bands, delegate* unmanaged<IntPtr, int, int, int, int, byte*, int> read, IntPtr context);

    [LibraryImport(Lib)]
    internal static partial VipsHandle mti_from_memory(void* samples, int width, int height, int bands, SampleType sample);

    [LibraryImport(Lib)]
    internal static partial void mti_close(IntPtr image);

    [LibraryImport(Lib)]
    internal static partial int mti_get_info(VipsHandle image, out Info info);

    [LibraryImport(Lib)]
    internal static partial IntPtr mti_loader(VipsHandle image);

    [LibraryImport(Lib)]
    internal static partial IntPtr mti_metadata(VipsHandle image);

    [LibraryImport(Lib)]
    internal static partial byte* mti_icc(VipsHandle image, out nuint size);

    [LibraryImport(Lib)]
    internal static partial VipsHandle mti_to_rgb8(VipsHandle image);

    [LibraryImport(Lib)]
    internal static partial int mti_read(VipsHandle image, int x, int y, int width, int height, void* destination, nuint size);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mti_write_png(VipsHandle image, string path, in WriteOptions options);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mti_write_jpeg(VipsHandle image, string path, in WriteOptions options);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mti_write_tiff(VipsHandle image, string path, in WriteOptions options, delegate* unmanaged<IntPtr, int, int> progress, IntPtr context);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mti_write_deepzoom(VipsHandle image, string path, in WriteOptions options, delegate* unmanaged<IntPtr, int, int> progress, IntPtr context);

    [LibraryImport(Lib)]
    internal static partial IntPtr mti_encode_png(VipsHandle image, in WriteOptions options, out nuint size);

    [LibraryImport(Lib)]
    internal static partial IntPtr mti_encode_jpeg(VipsHandle image, in WriteOptions options, out nuint size);

    [LibraryImport(Lib)]
    internal static partial void mti_free(IntPtr buffer);

    [LibraryImport(Lib)]
    internal static partial int mti_decode_jpeg(byte* bytes, nuint size, int shrink, int width, int height, byte* destination);
}
