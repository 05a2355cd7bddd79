#include "templates/render.hpp"
