using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>The functions of openslide.h that are used, with their C names. Strings given out belong to OpenSlide.</summary>
internal static unsafe partial class OpenSlideNative
{
    private const string Lib = NativeLibraries.OpenSlide;

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial IntPtr openslide_detect_vendor(string filename);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial OpenSlideHandle openslide_open(string filename);

    [LibraryImport(Lib)]
    internal static partial void openslide_close(IntPtr slide);

    [LibraryImport(Lib)]
    internal static partial int openslide_get_level_count(OpenSlideHandle slide);

    [LibraryImport(Lib)]
    internal static partial void openslide_get_level_dimensions(OpenSlideHandle slide, int level, out long width, out long height);

    [LibraryImport(Lib)]
    internal static partial double openslide_get_level_downsample(OpenSlideHandle slide, int level);

    [LibraryImport(Lib)]
    internal static partial void openslide_read_region(OpenSlideHandle slide, uint* destination, long x, long y, int level, long width, long height);

    [LibraryImport(Lib)]
    internal static partial IntPtr openslide_get_error(OpenSlideHandle slide);

    [LibraryImport(Lib)]
    internal static partial byte** openslide_get_property_names(OpenSlideHandle slide);

    [LibraryImport(Lib)]
    internal static partial IntPtr openslide_get_property_value(OpenSlideHandle slide, byte* name);

    [LibraryImport(Lib)]
    internal static partial byte** openslide_get_associated_image_names(OpenSlideHandle slide);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void openslide_get_associated_image_dimensions(OpenSlideHandle slide, string name, out long width, out long height);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void openslide_read_associated_image(OpenSlideHandle slide, string name, uint* destination);

    [LibraryImport(Lib)]
    internal static partial IntPtr openslide_get_version();
}
