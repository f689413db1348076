// The program of the target test_headers, whose precompiled header all tests share (cmake/rooms.cmake).
int main() {}
