package asyncio.cli;

import java.util.Map;

/// The classes of a program by binary name, and which of them to start.
///
/// Threads: immutable by agreement; nobody writes to the map or its arrays.
record CompiledProgram(String mainClass, Map<String, byte[]> classes) {}
