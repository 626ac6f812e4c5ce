namespace Microtome.Torch;

/// <summary>Moves that return the module with its own type.</summary>
public static class ModuleExtensions
{
    public static T to<T>(this T module, torch.Device device)
        where T : torch.nn.Module
    {
        module.Convert(t => t.to(device));
        return module;
    }

    /// <summary>Converts what is floating point; numbers of another kind stay.</summary>
    public static T to<T>(this T module, torch.ScalarType dtype)
        where T : torch.nn.Module
    {
        module.Convert(t => t.is_floating_point() ? t.to(dtype) : t);
        return module;
    }

    /// <summary>Sets the memory order of the 4-D (or, for channels_last_3d, 5-D) parameters.</summary>
    public static T to<T>(this T module, torch.MemoryFormat memory_format)
        where T : torch.nn.Module
    {
        module.Convert(t => t.ndim switch
        {
            4 when memory_format != torch.MemoryFormat.ChannelsLast3d => t.to(memory_format),
            5 when memory_format != torch.MemoryFormat.ChannelsLast => t.to(memory_format),
            _ => t,
        });
        return module;
    }

    public static T cpu<T>(this T module)
        where T : torch.nn.Module => module.to(torch.CPU);

    public static T cuda<T>(this T module, int index = -1)
        where T : torch.nn.Module => module.to(torch.device(DeviceType.CUDA, index));

    /// <summary>Writes the state as safetensors.</summary>
    public static T save<T>(this T module, string path, IReadOnlyDictionary<string, string>? metadata = null)
        where T : torch.nn.Module
    {
        Safetensors.Save(path, module.state_dict(), metadata);
        return module;
    }

    /// <summary>Reads a state from safetensors.</summary>
    public static T load<T>(this T module, string path, bool strict = true)
        where T : torch.nn.Module
    {
        using var file = Safetensors.Load(path);
        module.load_state_dict(file.Tensors, strict);
        return module;
    }
}
