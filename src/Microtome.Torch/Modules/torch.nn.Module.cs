using System.Reflection;
using Microtome.Torch.Modules;

namespace Microtome.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// A part of a network: parameters, buffers and other modules under names. A subclass keeps them in fields and calls
        /// <see cref="RegisterComponents"/> at the end of its constructor; the names of the fields are the names in the state.
        /// </summary>
        public abstract class Module : IDisposable
        {
            private readonly string name;
            private readonly List<(string Name, Parameter? Value)> ownParameters = [];
            private readonly List<(string Name, Tensor? Value, bool Persistent)> ownBuffers = [];
            private readonly List<(string Name, Module Value)> ownModules = [];

            protected Module(string name) => this.name = name;

            public string GetName() => name;

            /// <summary>True while training: dropout drops, batch norm takes the statistics of the batch.</summary>
            public bool training { get; private set; } = true;

            public virtual void train(bool on = true)
            {
                training = on;
                foreach (var (_, child) in ownModules)
                    child.train(on);
            }

            public void eval() => train(false);

            /// <summary>Registers every field of this object that is a parameter, a module or (as a buffer) a tensor.</summary>
            protected void RegisterComponents()
            {
                foreach (var field in Fields(GetType()))
                {
                    var key = field.Name;
                    switch (field.GetValue(this))
                    {
                        case Modules.Parameter parameter when !ownParameters.Exists(p => p.Name == key):
                            register_parameter(key, parameter);
                            break;
                        case Module module when !ownModules.Exists(m => m.Name == key):
                            register_module(key, module);
                            break;
                        case Tensor tensor when !ownBuffers.Exists(b => b.Name == key):
                            register_buffer(key, tensor);
                            break;
                    }
                }
            }

            private static IEnumerable<FieldInfo> Fields(Type type)
            {
                // base classes first, each in the order of declaration
                if (type.BaseType is { } super && super != typeof(Module))
                    foreach (var field in Fields(super))
                        yield return field;
                foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).OrderBy(f => f.MetadataToken))
                    if (!field.Name.Contains('<', StringComparison.Ordinal))
                        yield return field;
            }

            public void register_parameter(string name, Parameter? parameter)
            {
                CheckName(name);
                parameter?.DetachFromDisposeScope();
                ownParameters.Add((name, parameter));
            }

            public void register_buffer(string name, Tensor? tensor, bool persistent = true)
            {
                CheckName(name);
                tensor?.DetachFromDisposeScope();
                ownBuffers.Add((name, tensor, persistent));
            }

            public void register_module(string name, Module submodule)
            {
                CheckName(name);
                ownModules.Add((name, submodule));
            }

            private void CheckName(string name)
            {
                if (name.Length == 0 || name.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"'{name}' cannot name a component: it must not be empty or contain a dot.");
                if (ownParameters.Exists(p => p.Name == name) || ownBuffers.Exists(b => b.Name == name) || ownModules.Exists(m => m.Name == name))
                    throw new ArgumentException($"{GetType().Name} already has a component '{name}'.");
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => ownModules;
            public IEnumerable<Module> children() => ownModules.Select(m => m.Value);

            /// <summary>This module and all below it, with dotted names; this one's name is empty.</summary>
            public IEnumerable<(string name, Module module)> named_modules() => Walk("").Distinct(ByModule.Instance);
            public IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            private IEnumerable<(string name, Module module)> Walk(string prefix)
            {
                yield return (prefix, this);
                foreach (var (key, child) in ownModules)
                    foreach (var below in child.Walk(prefix.Length == 0 ? key : $"{prefix}.{key}"))
                        yield return below;
            }

            /// <summary>Parameters with their dotted names; one that is shared comes once.</summary>
            public IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
                Components(recurse, m => m.ownParameters.Where(p => p.Value is not null).Select(p => (p.Name, p.Value!)));

            public IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            public IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true) =>
                Components(recurse, m => m.ownBuffers.Where(b => b.Value is not null).Select(b => (b.Name, b.Value!)));

            public IEnumerable<Tensor> buffers(bool recurse = true) => named_buffers(recurse).Select(b => b.buffer);

            private IEnumerable<(string, T)> Components<T>(bool recurse, Func<Module, IEnumerable<(string Name, T Value)>> own)
                where T : Tensor
            {
                var seen = new HashSet<T>(ReferenceEqualityComparer.Instance);
                foreach (var (prefix, module) in recurse ? named_modules() : [("", this)])
                    foreach (var (key, value) in own(module))
                        if (seen.Add(value))
                            yield return (prefix.Length == 0 ? key : $"{prefix}.{key}", value);
            }

            /// <summary>Parameters and persistent buffers by dotted name. The tensors are the module's own, not copies.</summary>
            public Dictionary<string, Tensor> state_dict()
            {
                var state = new Dictionary<string, Tensor>(StringComparer.Ordinal);
                foreach (var (prefix, module) in Walk(""))
                {
                    var dot = prefix.Length == 0 ? "" : prefix + ".";
                    foreach (var (key, value) in module.ownParameters)
                        if (value is not null)
                            state[dot + key] = value;
                    foreach (var (key, value, persistent) in module.ownBuffers)
                        if (value is not null && persistent)
                            state[dot + key] = value;
                }
                return state;
            }

            /// <summary>Copies a state in, converting types and devices.</summary>
            /// <exception cref="ArgumentException">A shape differs, or (when strict) a name is missing or too many.</exception>
            public (IReadOnlyList<string> missing_keys, IReadOnlyList<string> unexpected_keys) load_state_dict(IReadOnlyDictionary<string, Tensor> source, bool strict = true, IReadOnlyCollection<string>? skip = null)
            {
                var own = state_dict();
                var missing = own.Keys.Where(k => !source.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                var unexpected = source.Keys.Where(k => !own.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                if (strict && missing.Count + unexpected.Count > 0)
                    throw new ArgumentException($"The weights do not fit {GetType().Name}: missing [{string.Join(", ", missing)}], not in the network [{string.Join(", ", unexpected)}].");
                using var off = no_grad();
                foreach (var (key, target) in own)
                {
                    if (skip?.Contains(key) == true || !source.TryGetValue(key, out var value))
                        continue;
                    if (!target.shape.AsSpan().SequenceEqual(value.shape))
                        throw new ArgumentException($"The weights do not fit {GetType().Name}: '{key}' has shape [{string.Join(", ", value.shape)}], the network needs [{string.Join(", ", target.shape)}].");
                    target.copy_(value);
                }
                return (missing, unexpected);
            }

            /// <summary>Calls an action for every module below this one, then for this one.</summary>
            public void Apply(Action<Module> action)
            {
                foreach (var (_, child) in ownModules)
                    child.Apply(action);
                action(this);
            }

            public void zero_grad(bool set_to_none = true) => optim.ZeroGrad([.. parameters()], set_to_none);

            public void requires_grad_(bool on = true)
            {
                foreach (var parameter in parameters())
                    parameter.requires_grad = on;
            }

            /// <summary>Replaces the data of every parameter and buffer; what refers to them stays valid.</summary>
            internal void Convert(Func<Tensor, Tensor> change)
            {
                using var off = no_grad();
                foreach (var tensor in parameters().Concat(buffers()))
                {
                    using var scope = NewDisposeScope();
                    var changed = change(tensor);
                    if (!changed.is_same(tensor))
                        tensor.set_data(changed);
                }
            }

            /// <summary>Frees parameters, buffers and the modules below.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                foreach (var (_, parameter) in ownParameters)
                    parameter?.Dispose();
                foreach (var (_, buffer, _) in ownBuffers)
                    buffer?.Dispose();
                foreach (var (_, child) in ownModules)
                    child.Dispose();
            }

            private sealed class ByModule : IEqualityComparer<(string name, Module module)>
            {
                internal static readonly ByModule Instance = new();
                public bool Equals((string name, Module module) x, (string name, Module module) y) => ReferenceEquals(x.module, y.module);
                public int GetHashCode((string name, Module module) obj) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj.module);
            }
        }

        /// <summary>A module of one input.</summary>
        public abstract class Module<T, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T input);
            public TResult call(T input) => forward(input);
        }

        /// <summary>A module of two inputs.</summary>
        public abstract class Module<T1, T2, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T1 input1, T2 input2);
            public TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }

        /// <summary>A module of three inputs.</summary>
        public abstract class Module<T1, T2, T3, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T1 input1, T2 input2, T3 input3);
            public TResult call(T1 input1, T2 input2, T3 input3) => forward(input1, input2, input3);
        }

        /// <summary>A module of four inputs.</summary>
        public abstract class Module<T1, T2, T3, T4, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4);
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4) => forward(input1, input2, input3, input4);
        }

        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
    }
}
